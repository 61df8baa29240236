"""The keys of this process are those of the database, or the one it was given."""

from datetime import UTC, datetime

from identity_service.domain.entities.event import KeysChanged
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.ports.security import Sealer
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker, KeyRing
from identity_service.ports.unit_of_work import Begin, Read

UNSET = datetime.min.replace(tzinfo=UTC)
"""Stands where the database sets the time."""
PURPOSE = "signing-key"
"""Names the key that private keys are sealed under."""


class LoadKeys:
    """Fills the key ring; at the very first start it makes the first key.

    However many processes start at once, the database takes one current key and each of them reads that one.
    A key from the settings signs instead; the database's keys then only verify.
    """

    def __init__(
        self,
        *,
        begin: Begin,
        read: Read,
        sealer: Sealer,
        ring: KeyRing,
        maker: KeyMaker,
        alg: str,
        given: HeldKey | None,
    ) -> None:
        self._begin = begin
        self._read = read
        self._sealer = sealer
        self._ring = ring
        self._maker = maker
        self._alg = alg
        self._given = given

    async def __call__(self) -> None:
        """Raises StorageUnavailable; Unsealable when the master key is not the one the keys were sealed under."""
        stored = await self._stored()
        if self._given is None and not any(
            key.status == "current" and key.alg == self._alg for key in stored
        ):
            await self._make_first()
            stored = await self._stored()
        held = [self._held(key) for key in stored]
        self._ring.replace(
            held
            if self._given is None
            else [self._given, *(key for key in held if key.kid != self._given.kid)]
        )

    async def _stored(self) -> list[SigningKey]:
        async with self._read() as uow:
            return await uow.keys.all()

    async def _make_first(self) -> None:
        made = self._maker.make(self._alg)
        key = sealed(made, status="current", sealer=self._sealer)
        async with self._begin() as uow:
            if await uow.keys.add(key):
                uow.events.add(KeysChanged(by="system", kid=key.kid, change="made"))
                await uow.commit()

    def _held(self, key: SigningKey) -> HeldKey:
        return HeldKey(
            kid=key.kid,
            alg=key.alg,
            private_key=self._sealer.open(key.sealed, purpose=PURPOSE, context=key.kid),
            public_jwk=key.public_jwk,
            signs=self._given is None and key.status == "current" and key.alg == self._alg,
        )


def sealed(key: HeldKey, *, status: str, sealer: Sealer) -> SigningKey:
    """A key as the database keeps it. The times are set by the database."""
    return SigningKey(
        kid=key.kid,
        alg=key.alg,
        status=status,
        public_jwk=key.public_jwk,
        sealed=sealer.seal(key.private_key, purpose=PURPOSE, context=key.kid),
        created_at=UNSET,
        activated_at=None,
        verify_until=None,
    )
