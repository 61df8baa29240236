"""The server's own pages, to which people sign in as they do to any client: one without a row in the database."""

from collections.abc import Mapping
from typing import Any

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.claims_request import ClaimsRequest
from identity_service.domain.oauth.response_modes import QUERY, Answer
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.unset import UNSET_TIME

OWN_PAGES = ClientId("/account")
"""No registered client has an id with a slash in it (`acceptable_client_id`)."""
_NOTHING: Mapping[str, Any] = {
    "scope": Scope(),
    "access_token_ttl": None,
    "refresh_token_ttl": None,
    "refresh_reuse_grace": None,
    "access_token_signed_response_alg": None,
    "metadata": {},
    "secrets": (),
}


def own_pages(*, server_epoch: int) -> Client:
    """The client that stands for them: nobody is asked for consent to it, and it can use no endpoint of clients."""
    return Client(
        client_id=OWN_PAGES,
        client_name="",
        grant_types=frozenset(),
        response_types=(),
        redirect_uris=(),
        token_endpoint_auth_method="none",
        resource_server=False,
        audiences=frozenset(),
        first_party=True,
        active=True,
        epoch=0,
        server_epoch=server_epoch,
        version=0,
        created_at=UNSET_TIME,
        updated_at=UNSET_TIME,
        **_NOTHING,
    )


def own_request(path: str, *, max_age: int | None) -> AuthorizationRequest:
    """What a page of ours asks for: somebody who signed in no more than `max_age` seconds ago, and nothing of them.

    `path` is where they come back to. It is the page's own, whatever stood in the request.
    """
    return AuthorizationRequest(
        client_id=OWN_PAGES,
        client_epoch=0,
        redirect_uri=path,
        redirect_uri_sent=False,
        response_mode=QUERY,
        scope=Scope(),
        state=None,
        nonce=None,
        code_challenge=None,
        prompt=frozenset(),
        max_age=max_age,
        login_hint=None,
        subject=None,
        ui_locales=(),
        acr_values=(),
        claims=ClaimsRequest(),
        audience=(),
    )


def is_own(request: AuthorizationRequest) -> bool:
    """Whether it is a page of ours that asks."""
    return request.client_id == OWN_PAGES


def back(request: AuthorizationRequest) -> Answer:
    """The answer to a page of ours, whatever came of it: its address alone. It looks for itself who is signed in."""
    return Answer(redirect_uri=request.redirect_uri, response_mode=QUERY, members=())
