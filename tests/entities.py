"""Entities for unit tests of rules: each as plain as it can be, with any member replaced."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.claims_request import NOTHING
from identity_service.domain.value_objects.ids import ClientId, SessionId, UserId
from identity_service.domain.value_objects.scope import Scope

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

CLIENT = Client(
    client_id=ClientId("a client"),
    client_name="a client",
    grant_types=frozenset({"authorization_code", "refresh_token"}),
    response_types=("code",),
    redirect_uris=("https://app.example/cb",),
    scope=Scope.parse("openid email offline_access read write admin"),
    token_endpoint_auth_method="none",
    resource_server=False,
    audiences=frozenset(),
    access_token_ttl=None,
    refresh_token_ttl=None,
    refresh_reuse_grace=None,
    access_token_signed_response_alg=None,
    metadata={},
    secrets=(),
    active=True,
    epoch=7,
    server_epoch=1,
    version=1,
    created_at=LONG_AGO,
    updated_at=LONG_AGO,
)
SESSION = Session(
    id=SessionId("a session"),
    user_id=UserId("alice"),
    username="alice",
    user_is_admin=False,
    server_epoch=1,
    user_epoch=1,
    auth_time=LONG_AGO,
    amr=("pwd",),
    acr="level",
    user_agent=None,
    address=None,
    created_at=LONG_AGO,
    last_seen_at=LONG_AGO,
    expires_at=LONG_AGO,
)
REQUEST = AuthorizationRequest(
    client_id=CLIENT.client_id,
    client_epoch=CLIENT.epoch,
    redirect_uri="https://app.example/cb",
    redirect_uri_sent=True,
    response_mode="query",
    scope=Scope.parse("openid read"),
    state=None,
    nonce=None,
    code_challenge="c" * 43,
    prompt=frozenset(),
    max_age=None,
    login_hint=None,
    subject=None,
    ui_locales=(),
    acr_values=(),
    claims=NOTHING,
    audience=(),
)


def client(**members: Any) -> Client:
    """A public client that may use the code flow."""
    return replace(CLIENT, **members)
