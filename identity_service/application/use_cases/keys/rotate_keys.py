"""The next key takes over from the current one."""

from dataclasses import dataclass, replace

from identity_service.application.dto.key import KeyView
from identity_service.application.use_cases.keys.add_key import GenerateKey, KeyConflict
from identity_service.application.use_cases.keys.list_keys import key_view
from identity_service.domain.entities.event import KeysChanged
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.domain.services.key_rotation import RETIRED_FOR_SECONDS, RotationPolicy
from identity_service.ports.tokens.key_ring import HeldKey
from identity_service.ports.unit_of_work import Begin, Read


class KeyFromSettings(Exception):
    """Tokens are signed with JWT_PRIVATE_KEY, which is replaced where it is set. The text is one line that says how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotation:
    """`now` puts a next key to use although others may not have seen it yet. `distrust` is for a key that leaked: it
    does so too, and the key before verifies nothing from then on, so every token it signed is dead. Without `alg` the
    key of the server's own algorithm is meant."""

    by: str
    alg: str | None = None
    now: bool = False
    distrust: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """`done` tells whether `key` is current now; if not, it may be from `key.usable_from` on."""

    key: KeyView
    done: bool


class RotateKeys:
    """Puts the next key to use, once it has been published long enough.

    - Where there is no next key one is made and published; a later call puts it to use.
    - The key before it verifies until the last token that it signed has expired: no token fails because of a rotation.
    - In an emergency the wait can be left out; whoever cached the key set then fails until they fetch it again.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        generate: GenerateKey,
        policy: RotationPolicy,
        alg: str,
        given: HeldKey | None,
    ) -> None:
        self._begin = begin
        self._read = read
        self._generate = generate
        self._policy = policy
        self._alg = alg
        self._given = given

    async def __call__(self, command: KeyRotation) -> Rotated:
        """Raises KeyFromSettings, KeyConflict when another rotation came between, StorageUnavailable."""
        alg = command.alg or self._alg
        if self._given is not None and self._given.alg == alg:
            raise KeyFromSettings(
                f"the {alg} key comes from JWT_PRIVATE_KEY: import its successor as `next` and itself as `retired` "
                "(`keys import`), then set JWT_PRIVATE_KEY to the successor"
            )
        if await self._waiting(alg) is None:
            await self._generate(by=command.by, alg=alg)
        return await self._promote(command, alg)

    async def _waiting(self, alg: str) -> SigningKey | None:
        async with self._read() as uow:
            return _next_of(await uow.keys.all(), alg)

    async def _promote(self, command: KeyRotation, alg: str) -> Rotated:
        at_once = command.now or command.distrust
        async with self._begin() as uow:
            key = _next_of(await uow.keys.all(), alg)
            if key is None:
                raise KeyConflict("another rotation was quicker: see `keys list`")
            view = key_view(key, self._policy)
            now = await uow.server.now()
            if now < self._policy.usable_from(key) and not at_once:
                return Rotated(key=view, done=False)
            kept_for = 0 if command.distrust else RETIRED_FOR_SECONDS
            if not await uow.keys.promote(key.kid, retire_for_seconds=kept_for):
                raise KeyConflict("another rotation was quicker: see `keys list`")
            if command.distrust:  # which of the former keys leaked is not asked: none of them is believed
                await uow.keys.end_retired(alg)
            uow.events.add(KeysChanged(by=command.by, kid=key.kid, change="put to use"))
            await uow.commit()
        return Rotated(
            key=replace(view, status="current", activated_at=now, usable_from=None),
            done=True,
        )


def _next_of(keys: list[SigningKey], alg: str) -> SigningKey | None:
    return next((key for key in keys if key.status == "next" and key.alg == alg), None)
