"""Decides what is sealed and digested with which data key, and what holds before there are any."""

import os
from collections.abc import Iterable, Mapping

from identity_service.adapters.crypto.aes_gcm_sealer import KEY_BYTES, AesGcmSealer, HmacDigest
from identity_service.ports.security import Unsealable
from identity_service.ports.tokens.key_ring import KeysUnavailable


class HeldDataKeys:
    """`ports.DataKeyRing`.

    Until `take`, digests are under a random key of this process: what it makes for itself alone works, and nobody else
    believes it. `DatabaseDigest` is for what has to outlive the process.
    """

    def __init__(self, direct: Iterable[AesGcmSealer] = ()) -> None:
        """`direct` opens what was sealed under a master key itself."""
        self._direct = {sealer.key_id: sealer for sealer in direct}
        self._sealers: dict[str, AesGcmSealer] = {}
        self._sealing: AesGcmSealer | None = None
        self._digest = HmacDigest(os.urandom(KEY_BYTES))

    @property
    def held(self) -> frozenset[str]:
        """The ids of all keys that it opens with."""
        return frozenset((*self._sealers, *self._direct))

    @property
    def loaded(self) -> bool:
        """Whether it was given data keys."""
        return self._sealing is not None

    @property
    def key_id(self) -> str:
        """Of the key that `seal` uses. Raises KeysUnavailable."""
        return self._current().key_id

    def id_of(self, key: bytes) -> str:
        """Derived one way."""
        return AesGcmSealer(key).key_id

    def take(self, keys: Mapping[str, bytes], *, sealing: str, digesting: str) -> None:
        """Keys that are held already stay as they are: they never change under their id."""
        for key_id, key in keys.items():
            if key_id not in self._sealers:
                self._sealers[key_id] = AesGcmSealer(key)
        self._sealing = self._sealers[sealing]
        if digesting in keys:
            self._digest = HmacDigest(keys[digesting])

    def seal(self, plaintext: bytes, *, purpose: str, context: str) -> bytes:
        """Raises KeysUnavailable."""
        return self._current().seal(plaintext, purpose=purpose, context=context)

    def open(self, sealed: bytes, *, purpose: str, context: str) -> bytes:
        """Raises Unsealable, also for a data key that is not held."""
        key_id = sealed[1:9].hex()
        sealer = self._sealers.get(key_id) or self._direct.get(key_id)
        if sealer is None:
            raise Unsealable(f"sealed under key {key_id}, which is not here", key_id=key_id)
        return sealer.open(sealed, purpose=purpose, context=context)

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Returns 32 bytes over the length-framed parts."""
        return self._digest.mac(purpose, *parts)

    def _current(self) -> AesGcmSealer:
        if self._sealing is None:
            raise KeysUnavailable("the data keys have not been loaded")
        return self._sealing


class DatabaseDigest:
    """`ports.KeyedDigest` that every process makes alike, or not at all."""

    def __init__(self, ring: HeldDataKeys) -> None:
        self._ring = ring

    def mac(self, purpose: str, *parts: bytes) -> bytes:
        """Raises KeysUnavailable before the data keys were loaded."""
        if not self._ring.loaded:
            raise KeysUnavailable("the data keys have not been loaded")
        return self._ring.mac(purpose, *parts)
