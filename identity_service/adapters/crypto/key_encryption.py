"""Decides where data keys are wrapped: in this process, under master keys from the settings or from files."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from identity_service.adapters.crypto.aes_gcm_sealer import AesGcmSealer, parse_master_key
from identity_service.ports.security import Unsealable

PURPOSE: Final = "data-key"

MasterKey = Callable[[], bytes]
"""Where the 32 bytes of a master key come from; asked once, when they are needed first. Raises ValueError, OSError."""


def in_environment(text: str) -> MasterKey:
    """The text of a variable, as `parse_master_key` reads it."""
    return lambda: parse_master_key(text)


def in_file(path: Path) -> MasterKey:
    """The content of a file, for example of a mounted secret."""
    return lambda: parse_master_key(path.read_text(encoding="utf-8"))


class LocalKeyEncryption:
    """`ports.KeyEncryption`: AES-256-GCM under a key derived from the master key for this purpose."""

    def __init__(self, current: MasterKey, former: Iterable[MasterKey] = ()) -> None:
        self._current = AesGcmSealer(current())
        before = [AesGcmSealer(key()) for key in former]
        self._sealers = {sealer.key_id: sealer for sealer in (*before, self._current)}

    @property
    def key_id(self) -> str:
        """Of the current master key."""
        return self._current.key_id

    @property
    def former_ids(self) -> frozenset[str]:
        """Of the others."""
        return frozenset(self._sealers) - {self.key_id}

    @property
    def direct(self) -> tuple[AesGcmSealer, ...]:
        """What opens that was sealed under a master key itself, before there were data keys."""
        return tuple(self._sealers.values())

    async def wrap(self, data_key: bytes, *, context: str) -> bytes:
        """Quick enough for the event loop: a few microseconds."""
        return self._current.seal(data_key, purpose=PURPOSE, context=context)

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """Raises Unsealable."""
        refusal: Unsealable | None = None
        for sealer in (self._current, *self._sealers.values()):
            try:
                return sealer.open(wrapped, purpose=PURPOSE, context=context)
            except Unsealable as error:
                known = error.key_id == sealer.key_id
                refusal = error if refusal is None or known else refusal
        raise refusal or Unsealable("no master key was given")
