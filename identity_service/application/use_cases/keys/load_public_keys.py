"""The keys of a process that judges tokens and signs none."""

from collections.abc import Mapping
from typing import Any

from identity_service.ports.tokens.key_ring import KeyRing
from identity_service.ports.unit_of_work import Read


class LoadPublicKeys:
    """Fills the key ring with public keys only: those of the database, and the one from the settings.

    Nothing is unsealed, so no master key is needed, and nothing is written: the right to read is enough.
    """

    def __init__(self, *, read: Read, ring: KeyRing, given: Mapping[str, Any] | None) -> None:
        """`given` is the public JWK of a key that the issuing side takes from its settings."""
        self._read = read
        self._ring = ring
        self._given = given
        self._held: dict[str, dict[str, Any]] = {}

    async def __call__(self) -> bool:
        """True when the ring holds other keys now. Raises StorageUnavailable."""
        async with self._read() as uow:
            stored = {key.kid: dict(key.public_jwk) for key in await uow.keys.all()}
        if self._given is not None:
            stored[self._given["kid"]] = dict(self._given)
        if stored == self._held:
            return False
        self._ring.verify_only(stored.values())
        self._held = stored
        return True
