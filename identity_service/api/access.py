"""What a route asks of its caller's access token."""

from typing import Any, LiteralString

from fastapi import Security
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from identity_service.application.authentication.bearer import Bearer
from identity_service.domain.oauth.errors import InsufficientScope
from identity_service.domain.value_objects.ids import UserId
from identity_service.http.admitting import count_bearer
from identity_service.http.bearer import bearer_token
from identity_service.http.services import services

SCHEME = "access_token"


class AccessToken(SecurityBase):
    """Answers who calls. Refuses with the challenges of RFC 6750 §3."""

    def __init__(self, *any_of: LiteralString) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = SCHEME
        self._any_of = any_of

    async def __call__(self, request: Request) -> Bearer:
        token = bearer_token(request.headers)
        bearer = await services(request).authenticate_bearer(token, any_of=self._any_of)
        await count_bearer(request.scope, bearer.actor.id)
        return bearer


def administering(scope: LiteralString) -> Any:
    """A token with this scope, or with `admin`."""
    return Security(AccessToken(scope, "admin"), scopes=[scope])


def administrator() -> Any:
    """A token with `admin`."""
    return Security(AccessToken("admin"), scopes=["admin"])


def own_account() -> Any:
    """A token with `account`."""
    return Security(AccessToken("account"), scopes=["account"])


def person(caller: Bearer) -> UserId:
    """Whose account it is. Raises InsufficientScope where a client acts for itself."""
    if caller.user_id is None:
        raise InsufficientScope("the token stands for no person", required_scope="account")
    return caller.user_id


OR_ADMIN = {"security": [{SCHEME: ["admin"]}]}
"""What the description of an administrative route says besides its own scope."""
