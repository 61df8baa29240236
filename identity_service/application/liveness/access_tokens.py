"""Is this access token still alive?"""

from collections.abc import Callable
from typing import Any

from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.domain.entities.event import KEYS, SERVER, client_tag, family_tag, token_tag, user_tag
from identity_service.domain.entities.token import AccessClaims
from identity_service.domain.oauth.access_token import TYP, MalformedClaims, from_claims, is_current, is_live
from identity_service.domain.value_objects.secret import digest
from identity_service.ports.tokens.signer import TokenVerifier, UnverifiableToken
from identity_service.ports.unit_of_work import Read, StorageUnavailable


class LiveToken:
    """An access token that is alive, and the username of the person behind it.

    `view` is a place for what a use case makes of it, so that it is made once; it goes when the answer is forgotten.
    """

    __slots__ = ("claims", "username", "view")

    def __init__(self, *, claims: AccessClaims, username: str | None) -> None:
        self.claims = claims
        self.username = username
        self.view: Any = None


class AccessTokens:
    """The one judge of access tokens, for introspection and for our own API alike."""

    def __init__(
        self,
        *,
        verify: TokenVerifier,
        read: Read,
        answers: Answers[LiveToken],
        keys: KeysInUse,
        issuer: str,
        clock: Callable[[], float],
    ) -> None:
        self._verify = verify
        self._read = read
        self._answers = answers
        self._keys = keys
        self._issuer = issuer
        self._clock = clock

    def parse(self, token: str, *, leeway_seconds: int = 0) -> AccessClaims | None:
        """The claims of a token that we signed and that has not run out; nothing is said about its being ended.

        `leeway_seconds` is for who must not trust this process's clock: so much later it still counts as not run out.
        """
        try:
            claims = from_claims(self._verify.verify(token, typ=TYP))
        except (UnverifiableToken, MalformedClaims):
            return None
        now = self._clock() - leeway_seconds
        return claims if is_current(claims, issuer=self._issuer, now=now) else None

    async def find(self, token: str) -> LiveToken | None:
        """The token if it is alive; None for anything else. Raises StorageUnavailable."""
        key = digest(token)
        known = self._answers.get(key, now=self._clock())
        if known is not None:
            return known
        mark = self._answers.mark()
        claims = self.parse(token)
        return None if claims is None else await self._look_up(key, token, claims, mark)

    async def _look_up(self, key: bytes, token: str, claims: AccessClaims, mark: int) -> LiveToken | None:
        try:
            if await self._keys.ensure() and self.parse(token) is None:
                return None  # by the keys of today it is none of ours
            async with self._read() as uow:
                state = await uow.revoked_tokens.access_state(
                    jti=claims.jti, fid=claims.fid, user_id=claims.user_id, client_id=claims.client_id
                )
        except StorageUnavailable:
            known = self._answers.get_while_away(key, now=self._clock())
            if known is None:
                raise
            return known
        if not is_live(claims, state):
            self._answers.discard(key)
            return None
        live = LiveToken(claims=claims, username=state.username)
        self._answers.put(key, live, tags=tags_of(claims), mark=mark, expires=claims.exp)
        return live


def tags_of(claims: AccessClaims) -> tuple[str, ...]:
    """Everything whose ending or change makes an answer about this token void."""
    tags = [SERVER, KEYS, token_tag(claims.jti), client_tag(claims.client_id)]
    if claims.user_id is not None:
        tags.append(user_tag(claims.user_id))
    if claims.fid is not None:
        tags.append(family_tag(claims.fid))
    return tuple(tags)
