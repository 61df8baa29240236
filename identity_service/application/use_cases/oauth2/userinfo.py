"""What a client may know of the person behind its access token (OIDC Core §5.3)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from identity_service.application.liveness.access_tokens import AccessTokens, LiveToken
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.user import User
from identity_service.domain.oauth.claims import asked_for_by, selected, told_to
from identity_service.domain.oauth.errors import InsufficientScope, InvalidToken
from identity_service.ports.tokens.signer import TokenSigner
from identity_service.ports.unit_of_work import Read

TYP = "JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """The claims, and the same signed where the client is registered for that (§5.3.2)."""

    claims: dict[str, Any]
    signed: str | None


class GetUserInfo:
    """Answers the claims that the token's scope stands for, and those that were asked for one by one.

    - The token lives, has `openid`, speaks for a person, and is meant for this server: one for another resource is no
      token here (RFC 9068 §4).
    - `sub` is what the ID token says (§5.3.2): the client's own name for the person.
    """

    def __init__(
        self, *, access_tokens: AccessTokens, read: Read, sign: TokenSigner, own_audiences: frozenset[str]
    ) -> None:
        self._access_tokens = access_tokens
        self._read = read
        self._sign = sign
        self._own_audiences = own_audiences

    async def __call__(self, token: str, *, count: Callable[[str], Awaitable[None]]) -> UserInfo:
        """`count` counts the request for the person, and may refuse it.

        Raises InvalidToken, InsufficientScope, TooManyRequests, StorageUnavailable, KeysUnavailable.
        """
        live = await self._access_tokens.find(token)
        if live is None or not self._own_audiences & set(live.claims.aud):
            raise InvalidToken
        await count(live.user_id or live.claims.sub)
        if "openid" not in live.claims.scope or live.claims.fid is None:
            raise InsufficientScope(required_scope="openid")
        async with self._read() as uow:
            family = await uow.families.get(live.claims.fid)
            client = await uow.clients.get(live.claims.client_id)
            user = None if family is None else await uow.users.get(family.family.user_id)
        if family is None or client is None or user is None:
            raise InvalidToken(detail="whoever the token is about has gone")
        return self._told(live, client, user, wanted=family.family.userinfo_claims)

    def _told(self, live: LiveToken, client: Client, user: User, *, wanted: tuple[str, ...]) -> UserInfo:
        names = asked_for_by(live.claims.scope) | set(wanted)
        claims = {**selected(user, told_to(client, names)), "sub": live.claims.sub}
        alg = client.userinfo_signed_response_alg
        if alg is None:
            return UserInfo(claims=claims, signed=None)
        whole = {**claims, "iss": live.claims.iss, "aud": client.client_id}
        return UserInfo(claims=claims, signed=self._sign.sign(whole, typ=TYP, alg=alg))
