"""/clients: the programs that ask for tokens, for those who administer them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.access import OR_ADMIN, administering
from identity_service.api.answers import NO_STORE
from identity_service.api.json_body import (
    MERGE_PATCH,
    NoMembers,
    members,
    read_json,
    read_optional_json,
    read_patch,
)
from identity_service.api.listing import Listing, WellFormed, page_answer
from identity_service.api.openapi_accounts import UNLESS_KNOWN, answers, body, deleted
from identity_service.api.preconditions import seen_versions, versioned, versioned_unless_known
from identity_service.api.routes.client_bodies import (
    ClientPatch,
    ClientQuery,
    ClientSecretView,
    DescriptiveMembers,
    NewClientBody,
    RotationBody,
)
from identity_service.application.authentication.bearer import Bearer
from identity_service.application.dto.client_view import ClientView, ClientWithSecret
from identity_service.application.use_cases.clients.create_client import NewClient
from identity_service.application.use_cases.clients.list_clients import ClientListing
from identity_service.application.use_cases.clients.rotate_client_secret import SecretRotation
from identity_service.application.use_cases.clients.update_client import ClientUpdate
from identity_service.http.services import clients
from identity_service.http.site import site

routes = APIRouter(tags=["Clients"])
Reader = Annotated[Bearer, administering("clients:read")]
Writer = Annotated[Bearer, administering("clients:write")]
DESCRIPTIVE = set(DescriptiveMembers.model_fields)


@routes.get(
    "/clients",
    operation_id="list_clients",
    dependencies=WellFormed,
    responses=answers(200, Listing[ClientView], "A page of clients.", link=True),
    openapi_extra=OR_ADMIN,
)
async def list_clients(request: Request, caller: Reader, query: Annotated[ClientQuery, Query()]) -> Response:
    """Lists clients, page by page."""
    return page_answer(request, await clients(request).list_clients(ClientListing(**query.model_dump())))


@routes.post(
    "/clients",
    operation_id="create_client",
    status_code=201,
    responses=answers(
        201, ClientSecretView, "The new client, with its secret.", location=True, reads_body=True
    ),
    openapi_extra=OR_ADMIN | body(NewClientBody),
)
async def create_client(request: Request, caller: Writer) -> Response:
    """Registers a client. Its secret is in this answer and nowhere else."""
    wanted = await read_json(request, NewClientBody)
    made = await clients(request).create_client(
        NewClient(
            by=caller.actor,
            **wanted.model_dump(exclude=DESCRIPTIVE),
            metadata=wanted.model_dump(include=DESCRIPTIVE, exclude_unset=True),
        )
    )
    location = f"{site(request).issuer}/clients/{made.client.client_id}"
    return _with_secret(made, status=201, location=location)


@routes.get(
    "/clients/{client_id}",
    operation_id="get_client",
    responses=answers(200, ClientView, "The client.", missing=True, known=True),
    openapi_extra=OR_ADMIN | UNLESS_KNOWN,
)
async def get_client(request: Request, caller: Reader, client_id: str) -> Response:
    """Shows one client."""
    return versioned_unless_known(request, await clients(request).get_client(client_id))


@routes.patch(
    "/clients/{client_id}",
    operation_id="update_client",
    responses=answers(
        200,
        ClientSecretView,
        "The client as it is now, with the secret that was made for it if it was public before.",
        missing=True,
        lost=True,
        reads_body=True,
    ),
    openapi_extra=OR_ADMIN | body(ClientPatch, MERGE_PATCH, conditional=True),
)
async def update_client(request: Request, caller: Writer, client_id: str) -> Response:
    """Changes the members that are sent. A public client that becomes confidential gets a secret in this answer."""
    patch = await read_patch(request, ClientPatch)
    made = await clients(request).update_client(
        ClientUpdate(
            by=caller.actor, client_id=client_id, members=members(patch), versions=seen_versions(request)
        )
    )
    return _with_secret(made)


@routes.delete(
    "/clients/{client_id}",
    operation_id="delete_client",
    status_code=204,
    responses=deleted("The client is gone, and every token it was given has ended."),
    openapi_extra=OR_ADMIN | body(conditional=True),
)
async def delete_client(request: Request, caller: Writer, client_id: str) -> Response:
    """Ends every token of the client and gives it up; nobody gets its id again."""
    await clients(request).delete_client(client_id, by=caller.actor, versions=seen_versions(request))
    return Response(status_code=204, headers=NO_STORE)


@routes.post(
    "/clients/{client_id}/deactivate",
    operation_id="deactivate_client",
    responses=answers(200, ClientView, "The client, inactive.", missing=True, lost=True, reads_body=True),
    openapi_extra=OR_ADMIN | body(NoMembers, conditional=True, optional=True),
)
async def deactivate_client(request: Request, caller: Writer, client_id: str) -> Response:
    """Ends every token the client was given, for ever, and answers it no more."""
    await read_optional_json(request, NoMembers)
    client = await clients(request).deactivate_client(
        client_id, by=caller.actor, versions=seen_versions(request)
    )
    return versioned(client)


@routes.post(
    "/clients/{client_id}/activate",
    operation_id="activate_client",
    responses=answers(200, ClientView, "The client, active.", missing=True, lost=True, reads_body=True),
    openapi_extra=OR_ADMIN | body(NoMembers, conditional=True, optional=True),
)
async def activate_client(request: Request, caller: Writer, client_id: str) -> Response:
    """Answers the client again."""
    await read_optional_json(request, NoMembers)
    client = await clients(request).activate_client(
        client_id, by=caller.actor, versions=seen_versions(request)
    )
    return versioned(client)


@routes.post(
    "/clients/{client_id}/rotate-secret",
    operation_id="rotate_client_secret",
    responses=answers(
        200,
        ClientSecretView,
        "The client, with its new secret.",
        missing=True,
        state="The client has no secret: it is public, or it signs.",
        lost=True,
        reads_body=True,
    ),
    openapi_extra=OR_ADMIN | body(RotationBody, conditional=True, optional=True),
)
async def rotate_secret(request: Request, caller: Writer, client_id: str) -> Response:
    """Makes a new secret. It is in this answer and nowhere else; the old one works on for the overlap."""
    wanted = await read_optional_json(request, RotationBody)
    made = await clients(request).rotate_client_secret(
        SecretRotation(
            by=caller.actor,
            client_id=client_id,
            overlap_seconds=wanted.overlap_seconds,
            versions=seen_versions(request),
        )
    )
    return _with_secret(made)


def _with_secret(made: ClientWithSecret, *, status: int = 200, location: str | None = None) -> Response:
    shown: dict[str, Any] = {}
    if made.secret is not None:
        shown = {"client_secret": made.secret.reveal(), "client_secret_expires_at": 0}
    return versioned(made.client, more=shown, status=status, location=location)
