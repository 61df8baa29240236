"""POST /oauth2/register (RFC 7591), and the registration of a client, for the client itself (RFC 7592)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import NO_STORE, json_answer
from identity_service.application.use_cases.registration.register_client import Registration
from identity_service.application.use_cases.registration.registered_client import RegisteredClient
from identity_service.application.use_cases.registration.update_registration import RegistrationUpdate
from identity_service.domain.oauth.client_registration import REGISTERED
from identity_service.domain.oauth.metadata import REGISTRATION
from identity_service.domain.value_objects.secret import Secret
from identity_service.http.bearer import bearer_token
from identity_service.http.caller import client_address
from identity_service.http.raw_json import read_json_object
from identity_service.http.services import registration
from identity_service.http.site import site


async def register(request: Request) -> Response:
    """Registers a client: whoever calls. The secret is in this answer and nowhere else."""
    order = Registration(
        token=_token(request) if "authorization" in request.headers else None,
        document=await read_json_object(request),
        address=client_address(request),
    )
    return _told(request, await registration(request).register_client(order), status=201)


async def get_registration(request: Request) -> Response:
    """Shows a client its own registration, without its secret."""
    return _told(request, await registration(request).get_registration(_client_id(request), _token(request)))


async def update_registration(request: Request) -> Response:
    """Replaces all that a client says of itself. The answer has a new registration access token; the old one ends."""
    order = RegistrationUpdate(
        client_id=_client_id(request), token=_token(request), document=await read_json_object(request)
    )
    return _told(request, await registration(request).update_registration(order))


async def delete_registration(request: Request) -> Response:
    """Ends every token of the client and gives it up."""
    await registration(request).delete_registration(_client_id(request), _token(request))
    return Response(status_code=204, headers=NO_STORE)


def _client_id(request: Request) -> str:
    """Not as a parameter of the route: the framework would announce refusals of its own."""
    return str(request.path_params["client_id"])


def _token(request: Request) -> Secret:
    return Secret(bearer_token(request.headers))


def _told(request: Request, made: RegisteredClient, *, status: int = 200) -> Response:
    """RFC 7591 §3.2.1: all that is registered, and what the client needs to come back (RFC 7592 §3)."""
    client = made.client
    shown = client.model_dump(mode="json")
    members: dict[str, Any] = {
        "client_id": client.client_id,
        "client_id_issued_at": int(client.created_at.timestamp()),
    }
    if made.secret is not None:
        members |= {"client_secret": made.secret.reveal(), "client_secret_expires_at": 0}
    members |= {
        "registration_access_token": made.token.reveal(),
        "registration_client_uri": f"{site(request).issuer}{REGISTRATION}/{client.client_id}",
    }
    members |= {name: shown[name] for name in REGISTERED if shown[name] is not None}
    return json_answer(members, status=status, headers=NO_STORE)
