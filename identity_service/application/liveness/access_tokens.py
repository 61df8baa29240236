"""Is this access token still alive?"""

from collections.abc import Callable
from typing import NamedTuple

from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.look_ups import LookUps
from identity_service.application.liveness.standing import Standing, tags_of
from identity_service.domain.entities.tag import KEYS, user_tag
from identity_service.domain.entities.token import AccessClaims, AccessState, TokenTies
from identity_service.domain.oauth.access_token import TYP, MalformedClaims, from_claims, is_current, is_live
from identity_service.domain.value_objects.ids import UserId
from identity_service.ports.tokens.signer import TokenVerifier, UnknownKey, UnverifiableToken


class LiveToken(NamedTuple):
    """An access token that is alive, and the person behind it; a pairwise client is told no username of theirs."""

    claims: AccessClaims
    username: str | None
    user_id: UserId | None


class Judgement(NamedTuple):
    """What was found of a token: alive or not, under which tags that may be remembered, and since which mark."""

    live: LiveToken | None
    tags: tuple[str, ...]
    mark: int


class AccessTokens:
    """The one judge of access tokens, for introspection and for our own API alike."""

    def __init__(
        self,
        *,
        verify: TokenVerifier,
        standing: Standing,
        look_up: LookUps,
        keys: KeysInUse,
        issuer: str,
        clock: Callable[[], float],
    ) -> None:
        self._verify = verify
        self._standing = standing
        self._look_up = look_up
        self._keys = keys
        self._issuer = issuer
        self._clock = clock

    def parse(self, token: str, *, leeway_seconds: int = 0) -> AccessClaims | None:
        """The claims of a token that we signed and that has not run out; nothing is said about its being ended.

        `leeway_seconds` is for who must not trust this process's clock: so much later it still counts as not run out.
        """
        try:
            return self._parsed(token, leeway_seconds)
        except UnknownKey:
            return None

    async def claims_of(self, token: str, *, leeway_seconds: int = 0) -> AccessClaims | None:
        """As `parse`, but a token that names an unknown key is judged by the keys of today: a process that was cut off
        while keys were rotated may have missed its key. Raises StorageUnavailable, KeysUnavailable."""
        try:
            return self._parsed(token, leeway_seconds)
        except UnknownKey:
            await self._keys.ensure()
            return self.parse(token, leeway_seconds=leeway_seconds)

    def _parsed(self, token: str, leeway_seconds: int) -> AccessClaims | None:
        """Raises UnknownKey."""
        try:
            claims = from_claims(self._verify.verify(token, typ=TYP))
        except UnknownKey:
            raise
        except (UnverifiableToken, MalformedClaims):
            return None
        now = self._clock() - leeway_seconds
        return claims if is_current(claims, issuer=self._issuer, now=now) else None

    async def find(self, token: str) -> LiveToken | None:
        """The token if it is alive; None for anything else. Raises StorageUnavailable, KeysUnavailable."""
        return (await self.judge(token)).live

    async def judge(self, token: str) -> Judgement:
        """What is to be said of the token. Raises StorageUnavailable, KeysUnavailable."""
        mark = self._standing.mark()
        claims = await self.claims_of(token)
        if claims is None:
            return Judgement(None, (KEYS,), mark)
        if await self._keys.ensure() and self.parse(token) is None:
            return Judgement(None, (KEYS,), mark)  # by the keys of today it is none of ours
        ties = claims.ties
        known = self._standing.of(ties)
        if known is not None and is_live(claims, known):
            return _alive(claims, ties, known, mark)
        state = await self._look_up(ties)
        self._standing.learn(ties, state, mark=mark)
        return _alive(claims, ties, state, mark) if is_live(claims, state) else _dead(ties, mark)

    def judge_unasked(self, token: str) -> Judgement | None:
        """The same where it is certain without a look-up and at once; else None. Raises KeysUnavailable."""
        if not self._keys.in_use:
            return None
        mark = self._standing.mark()
        claims = self.parse(token)
        if claims is None:
            return Judgement(None, (KEYS,), mark)
        ties = claims.ties
        known = self._standing.of(ties)
        if known is None or not is_live(claims, known):  # it may be newer than what is known
            return None
        return _alive(claims, ties, known, mark)


def _alive(claims: AccessClaims, ties: TokenTies, state: AccessState, mark: int) -> Judgement:
    if claims.user_id is None and state.user_id is not None:
        tags = (KEYS, *tags_of(ties), user_tag(state.user_id))
        return Judgement(LiveToken(claims, None, state.user_id), tags, mark)
    return Judgement(LiveToken(claims, state.username, claims.user_id), (KEYS, *tags_of(ties)), mark)


def _dead(ties: TokenTies, mark: int) -> Judgement:
    return Judgement(None, (KEYS, *tags_of(ties)), mark)
