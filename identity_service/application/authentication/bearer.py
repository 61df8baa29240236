"""Who calls our own API, by access token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from identity_service.application.liveness.access_tokens import AccessTokens
from identity_service.domain.oauth.errors import InsufficientScope, InvalidToken
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.ids import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A caller that proved its token. `user_id` is None where a client acts for itself, `session_id` where no browser's
    session gave the token."""

    actor: Actor
    user_id: UserId | None
    session_id: SessionId | None = None


class AuthenticateBearer:
    """The one door of our API: the token lives, is meant for this server, and has one of the scopes that do.

    A token meant for somebody else's resource is no token here: that resource could otherwise use it (RFC 9068 §4).
    """

    def __init__(self, *, access_tokens: AccessTokens, issuer: str) -> None:
        self._access_tokens = access_tokens
        self._issuer = issuer

    async def __call__(self, token: str, *, any_of: Sequence[LiteralString]) -> Bearer:
        """`any_of` names the scope that fits best first. Raises InvalidToken, InsufficientScope."""
        live = await self._access_tokens.find(token)
        if live is None:
            raise InvalidToken
        claims = live.claims
        if self._issuer not in claims.aud:
            raise InvalidToken(detail="the token is meant for another audience")
        if not any(scope in claims.scope for scope in any_of):
            raise InsufficientScope(required_scope=any_of[0])
        actor = Actor(live.user_id or claims.sub, administers="admin" in claims.scope)
        return Bearer(actor=actor, user_id=live.user_id, session_id=live.claims.sid)
