"""A client gives a token back (RFC 7009)."""

from identity_service.application.liveness.access_tokens import AccessTokens
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.token_event import AccessTokenRevoked, FamilyEnded
from identity_service.domain.oauth.access_token import LEEWAY_SECONDS
from identity_service.domain.services.access_policy import Actor, name_of, owns
from identity_service.domain.value_objects.secret import OpaqueKind, digest, is_opaque_token
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Read


class RevokeToken:
    """Ends a token of the calling client, or any token where an administrator calls.

    Anybody else's token, and what is none, changes nothing and is answered alike.
    An access token ends alone. A refresh token, spent or not, ends its family with every access token of it (§2.1).
    """

    def __init__(self, *, read: Read, changes: TokenChanges, access_tokens: AccessTokens) -> None:
        self._read = read
        self._changes = changes
        self._access_tokens = access_tokens

    async def __call__(self, token: str, *, caller: Client | Actor) -> None:
        """Raises StorageUnavailable: then nothing was revoked (RFC 7009 §2.2.1)."""
        if is_opaque_token(OpaqueKind.REFRESH_TOKEN, token):
            await self._end_family(token, caller)
        else:
            await self._end_access_token(token, caller)

    async def _end_family(self, token: str, caller: Client | Actor) -> None:
        async with self._read() as uow:
            found = await uow.refresh_tokens.get(digest(token))
        if found is None or not owns(caller, found.state.family.client_id):
            return
        family = found.state.family
        ended = FamilyEnded(
            by=name_of(caller),
            family_id=family.id,
            client_id=family.client_id,
            user_id=family.user_id,
            reason="revoked",
        )
        await self._changes.end(family.id, reason="revoked", event=ended)

    async def _end_access_token(self, token: str, caller: Client | Actor) -> None:
        claims = await self._access_tokens.claims_of(token, leeway_seconds=LEEWAY_SECONDS)
        if claims is None or not owns(caller, claims.client_id):
            return
        revoked = AccessTokenRevoked(by=name_of(caller), jti=claims.jti, client_id=claims.client_id)
        await self._changes.revoke(claims.jti, expires_at=claims.exp, event=revoked)
