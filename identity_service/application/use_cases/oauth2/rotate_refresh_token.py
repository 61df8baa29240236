"""A refresh token is spent once, and answered the same within its grace."""

from collections.abc import Callable
from functools import partial
from hmac import compare_digest

from identity_service.application.grants.base import Authorization, Rotated, Rotation, TokenCall
from identity_service.application.grants.refresh_token import authorization_of
from identity_service.application.use_cases.oauth2.watch_refreshes import WatchRefreshes
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.token import Family, RefreshTokenState
from identity_service.domain.entities.token_event import (
    FamilyEnded,
    RefreshTokenRepeated,
    RefreshTokenRotated,
)
from identity_service.domain.oauth.errors import InvalidGrant, InvalidScope
from identity_service.domain.oauth.scope_policy import is_plain
from identity_service.domain.services.refresh_rotation import PURPOSE, Fate, judge_spent
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import (
    OpaqueKind,
    Secret,
    digest,
    is_opaque_token,
    opaque_token,
)
from identity_service.ports.repositories.tokens import Bounds, Spend
from identity_service.ports.security import KeyedDigest
from identity_service.ports.token_changes import TokenChanges
from identity_service.ports.unit_of_work import Begin


class RotateRefreshToken:
    """Spends the presented token and answers its successor.

    - Of any number of concurrent calls one spends; the others receive the same successor while its grace is open.
    - The successor is derived from the presented token and a nonce that the row keeps for the grace: a copy of the
      database without the token, or the token after the grace, yields nothing.
    - A spent token outside that grace is a replay: its family ends, for a thief and its owner cannot be told apart.
    - Whatever was granted is looked at (`WatchRefreshes`), and may yet be refused: then the family has ended.
    """

    def __init__(
        self,
        *,
        changes: TokenChanges,
        begin: Begin,
        derive: KeyedDigest,
        random: Callable[[int], bytes],
        grace_seconds: int,
        watch: WatchRefreshes,
    ) -> None:
        self._changes = changes
        self._begin = begin
        self._derive = derive
        self._random = random
        self._grace_seconds = grace_seconds
        self._watch = watch

    async def __call__(self, rotation: Rotation, *, call: TokenCall) -> Secret:
        """Raises InvalidGrant when there is no successor to be had."""
        spent = await self._spend(rotation, call.client)
        successor = spent or await self._again(rotation)
        token = rotation.token
        await self._look(token.state.family, call, token=token.digest, replayed=spent is None)
        return successor

    async def unseen(self, call: TokenCall, *, audience: frozenset[str]) -> Authorization | None:
        """Spends the presented token in the statement that finds it, and answers what its family was given for; None
        where nothing was spent.

        Only where nothing that comes after can refuse: what was asked for is the client's to have, for the server
        itself (`audience`), and the statement sees to it that it is the family's too.
        """
        presented, asked = call.form.require("refresh_token"), _plain_scope(call)
        if asked is None or not is_opaque_token(OpaqueKind.REFRESH_TOKEN, presented):
            return None
        successor, spend = self._spending(presented, digest(presented), call.client)
        spent = await self._changes.rotate_unseen(
            spend, bounds=Bounds(scope=asked, audience=audience), event=partial(_rotated, call.client)
        )
        if spent is None:
            return None
        await self._look(spent.family, call, token=spend.digest)
        lineage = Rotated(family=spent.family.id, successor=successor)
        return authorization_of(spent.family, user_is_admin=spent.user_is_admin, lineage=lineage)

    async def _look(self, family: Family, call: TokenCall, *, token: bytes, replayed: bool = False) -> None:
        seen = self._watch.sighting(family, call.origin, replayed=replayed)
        if seen is not None:
            await self._watch.judge(family, seen, token=token)

    async def _spend(self, rotation: Rotation, client: Client) -> Secret | None:
        successor, spend = self._spending(rotation.presented, rotation.token.digest, client)
        rotated = _rotated(client, rotation.token.state.family.id)
        return successor if await self._changes.rotate(spend, event=rotated) else None

    def _spending(self, presented: str, presented_digest: bytes, client: Client) -> tuple[Secret, Spend]:
        nonce = self._random(32)
        successor = self._successor(presented, nonce)
        grace = self._grace_seconds if client.refresh_reuse_grace is None else client.refresh_reuse_grace
        spend = Spend(
            digest=presented_digest,
            client_id=client.client_id,
            successor=digest(successor.reveal()),
            nonce=nonce if grace else None,
            grace_seconds=grace,
        )
        return successor, spend

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
                    by=family.client_id,
                    family_id=family.id,
                    client_id=family.client_id,
                    user_id=family.user_id,
                    reason="replay",
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


def _rotated(client: Client, family_id: FamilyId) -> RefreshTokenRotated:
    return RefreshTokenRotated(by=client.client_id, family_id=family_id, client_id=client.client_id)


def _plain_scope(call: TokenCall) -> Scope | None:
    """What was asked for, if nothing but the family can refuse it."""
    try:
        asked = Scope.parse(call.form.get("scope") or "")
    except InvalidScope:
        return None
    plain = is_plain(asked, client=call.client.scope) and not call.form.all("resource")
    return asked if plain else None
