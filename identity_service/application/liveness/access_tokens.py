"""Is this access token still alive?"""

from collections.abc import Callable
from dataclasses import dataclass

from identity_service.domain.entities.token import AccessClaims
from identity_service.domain.oauth.access_token import TYP, MalformedClaims, from_claims, is_current, is_live
from identity_service.ports.tokens.signer import TokenVerifier, UnverifiableToken
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveToken:
    """An access token that is alive, and the username of the person behind it."""

    claims: AccessClaims
    username: str | None


class AccessTokens:
    """The one judge of access tokens, for introspection and for our own API alike."""

    def __init__(self, *, verify: TokenVerifier, read: Read, issuer: str, clock: Callable[[], float]) -> None:
        self._verify = verify
        self._read = read
        self._issuer = issuer
        self._clock = clock

    def parse(self, token: str) -> AccessClaims | None:
        """The claims of a token that we signed and that has not run out; nothing is said about its being ended."""
        try:
            claims = from_claims(self._verify.verify(token, typ=TYP))
        except (UnverifiableToken, MalformedClaims):
            return None
        return claims if is_current(claims, issuer=self._issuer, now=self._clock()) else None

    async def find(self, token: str) -> LiveToken | None:
        """The token if it is alive; None for anything else. Raises StorageUnavailable."""
        claims = self.parse(token)
        if claims is None:
            return None
        async with self._read() as uow:
            state = await uow.revoked_tokens.access_state(
                jti=claims.jti, fid=claims.fid, user_id=claims.user_id, client_id=claims.client_id
            )
        return LiveToken(claims=claims, username=state.username) if is_live(claims, state) else None
