"""A refresh token is spent once, and answered the same within its grace."""

from collections.abc import Callable
from hmac import compare_digest

from identity_service.application.grants.base import Rotation
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.event import FamilyEnded, RefreshTokenRepeated, RefreshTokenRotated
from identity_service.domain.entities.token import RefreshTokenState
from identity_service.domain.oauth.errors import InvalidGrant
from identity_service.domain.services.refresh_rotation import PURPOSE, Fate, judge_spent
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.ports.repositories.tokens import Spend
from identity_service.ports.security import KeyedDigest
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Begin


class RotateRefreshToken:
    """Spends the presented token and answers its successor.

    - Of any number of concurrent calls one spends; the others receive the same successor while its grace is open.
    - The successor is derived from the presented token and a nonce that the row keeps for the grace: a copy of the
      database without the token, or the token after the grace, yields nothing.
    - A spent token outside that grace is a replay: its family ends, for a thief and its owner cannot be told apart.
    """

    def __init__(
        self,
        *,
        changes: TokenChanges,
        begin: Begin,
        derive: KeyedDigest,
        random: Callable[[int], bytes],
        grace_seconds: int,
    ) -> None:
        self._changes = changes
        self._begin = begin
        self._derive = derive
        self._random = random
        self._grace_seconds = grace_seconds

    async def __call__(self, rotation: Rotation, *, client: Client) -> Secret:
        """Raises InvalidGrant when there is no successor to be had."""
        return await self._spend(rotation, client) or await self._again(rotation)

    async def _spend(self, rotation: Rotation, client: Client) -> Secret | None:
        nonce = self._random(32)
        successor = self._successor(rotation.presented, nonce)
        grace = self._grace_seconds if client.refresh_reuse_grace is None else client.refresh_reuse_grace
        spend = Spend(
            digest=rotation.token.digest,
            client_id=client.client_id,
            successor=digest(successor.reveal()),
            nonce=nonce if grace else None,
            grace_seconds=grace,
        )
        rotated = RefreshTokenRotated(
            by=client.client_id, family_id=rotation.token.state.family.id, client_id=client.client_id
        )
        return successor if await self._changes.rotate(spend, event=rotated) else None

    async def _again(self, rotation: Rotation) -> Secret:
        """Somebody else spent it, or it may no longer be spent: look at it anew and decide."""
        async with self._begin() as uow:
            token = await uow.refresh_tokens.get(rotation.token.digest)
            fate = Fate.DEAD if token is None or not token.spent else judge_spent(token)
            if token is None or fate is Fate.DEAD:
                raise InvalidGrant(detail=f"refresh token: {Fate.DEAD.value}")
            family = token.state.family
            successor = self._repeated(rotation.presented, token) if fate is Fate.REPEAT else None
            if successor is not None:
                uow.events.add(
                    RefreshTokenRepeated(by=family.client_id, family_id=family.id, client_id=family.client_id)
                )
            else:
                ended = FamilyEnded(
                    by=family.client_id, family_id=family.id, client_id=family.client_id, reason="replay"
                )
                uow.events.add(ended, new=await uow.families.end(family.id, reason="replay"))
            await uow.commit()
        if successor is None:
            raise InvalidGrant(detail=f"refresh token: {Fate.REPLAY.value}")
        return successor

    def _successor(self, presented: str, nonce: bytes) -> Secret:
        return opaque_token(OpaqueKind.REFRESH_TOKEN, self._derive.mac(PURPOSE, presented.encode(), nonce))

    def _repeated(self, presented: str, token: RefreshTokenState) -> Secret:
        """Raises InvalidGrant, ending nothing, when the successor was made under another master key."""
        successor = self._successor(presented, token.nonce or b"")
        if not compare_digest(digest(successor.reveal()), token.successor_digest or b""):
            raise InvalidGrant(detail="the successor was derived under another master key")
        return successor
