"""What a caller may learn about a token (RFC 7662)."""

from dataclasses import dataclass
from typing import NamedTuple

from identity_service.application.liveness.access_tokens import AccessTokens, Judgement, LiveToken
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.tag import client_tag
from identity_service.domain.entities.token import AccessClaims, FamilyState
from identity_service.domain.services.access_policy import Actor, owns
from identity_service.domain.value_objects.secret import OpaqueKind, digest, is_opaque_token
from identity_service.ports.unit_of_work import Read


@dataclass(slots=True, kw_only=True)
class ActiveToken:
    """What RFC 7662 §2.2 says of an active token; times are NumericDates.

    A refresh token has no `jti`, and its times are those of its family.
    """

    scope: str
    client_id: str
    username: str | None
    sub: str
    aud: tuple[str, ...]
    iss: str
    exp: int
    iat: int
    jti: str | None
    token_type: str


class Told(NamedTuple):
    """What a caller is told (None: `{"active": false}`), and under which tags and since which mark that holds.

    `tags` is None for what has to be looked up each time.
    """

    view: ActiveToken | None
    tags: tuple[str, ...] | None
    mark: int


class IntrospectToken:
    """Tells an authenticated client about a token.

    A client sees its own tokens; a resource server also access tokens meant for one of its audiences; an administrator
    at the command line every token. To anybody else, and for anything not alive, the answer is the same nothing.
    """

    def __init__(self, *, access_tokens: AccessTokens, read: Read, issuer: str) -> None:
        self._access_tokens = access_tokens
        self._read = read
        self._issuer = issuer

    async def __call__(self, token: str, *, caller: Client | Actor) -> ActiveToken | None:
        """None is `{"active": false}`."""
        return (await self.tell(token, caller=caller)).view

    async def tell(self, token: str, *, caller: Client | Actor) -> Told:
        """The kind of token shows in its form, so no hint is needed. Raises StorageUnavailable, KeysUnavailable."""
        if is_opaque_token(OpaqueKind.REFRESH_TOKEN, token):
            return Told(await self._refresh_token(token, caller), None, 0)
        return _told(await self._access_tokens.judge(token), caller)

    def tell_unasked(self, token: str, *, caller: Client) -> Told | None:
        """The same where it is certain without asking anybody; else None. Raises KeysUnavailable."""
        if is_opaque_token(OpaqueKind.REFRESH_TOKEN, token):
            return None
        judged = self._access_tokens.judge_unasked(token)
        return None if judged is None else _told(judged, caller)

    async def _refresh_token(self, token: str, caller: Client | Actor) -> ActiveToken | None:
        async with self._read() as uow:
            found = await uow.refresh_tokens.get(digest(token))
        if found is None or found.spent or not found.state.alive:
            return None
        return self._of_family(found.state) if owns(caller, found.state.family.client_id) else None

    def _of_family(self, state: FamilyState) -> ActiveToken:
        family = state.family
        return ActiveToken(
            scope=str(family.scope),
            client_id=family.client_id,
            username=None if family.subject else state.username,
            sub=family.subject or family.user_id,
            aud=family.audience,
            iss=self._issuer,
            exp=int(state.expires_at.timestamp()),
            iat=int(state.started_at.timestamp()),
            jti=None,
            token_type="refresh_token",
        )


def _told(judged: Judgement, caller: Client | Actor) -> Told:
    """What a caller may see hangs on the caller too."""
    live, tags = judged.live, judged.tags
    if isinstance(caller, Client) and client_tag(caller.client_id) not in tags:
        tags = (*tags, client_tag(caller.client_id))
    seen = live is not None and may_see(caller, live.claims)
    return Told(_of_access_token(live) if live is not None and seen else None, tags, judged.mark)


def _of_access_token(live: LiveToken) -> ActiveToken:
    claims = live.claims
    return ActiveToken(
        scope=str(claims.scope),
        client_id=claims.client_id,
        username=live.username,
        sub=claims.sub,
        aud=claims.aud,
        iss=claims.iss,
        exp=claims.exp,
        iat=claims.iat,
        jti=claims.jti,
        token_type="Bearer",
    )


def may_see(caller: Client | Actor, claims: AccessClaims) -> bool:
    """Whose token it is, or whom it is meant for (RFC 7662 §2.1, §4)."""
    if owns(caller, claims.client_id):
        return True
    return (
        isinstance(caller, Client) and caller.resource_server and not caller.audiences.isdisjoint(claims.aud)
    )
