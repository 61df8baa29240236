"""Decides how Argon2id hashes are made and read (RFC 9106), those of other makers included."""

import os
import re
from typing import Final

from argon2.exceptions import Argon2Error, VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from identity_service.adapters.crypto.scheme import MalformedHash

_SALT_BYTES: Final = 16  # RFC 9106 §3.1
_DIGEST_BYTES: Final = 32
_MOST_MEMORY_KIB: Final = 1 << 20
_MOST_WORK: Final = (
    1 << 21
)  # KiB times passes, some seconds: a foreign hash must not hold a thread for longer
_MOST_LANES: Final = 16
_FORM: Final = re.compile(
    r"\$argon2id\$(?:v=(?:16|19)\$)?m=([0-9]{1,7}),t=([0-9]{1,7}),p=([0-9]{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)


class Argon2Hasher:
    """Argon2id with one cost; the default is OWASP's: 19 MiB, two passes, one lane."""

    def __init__(self, *, memory_kib: int = 19_456, passes: int = 2, lanes: int = 1) -> None:
        try:
            _refuse_costs(memory_kib, passes, lanes)
        except MalformedHash as error:
            raise ValueError(str(error)) from error
        self._memory_kib, self._passes, self._lanes = memory_kib, passes, lanes
        self._head = f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$"

    def hash(self, secret: bytes) -> str:
        """Makes a `$argon2id$v=19$` hash with a salt of 16 bytes."""
        return hash_secret(
            secret,
            os.urandom(_SALT_BYTES),
            time_cost=self._passes,
            memory_cost=self._memory_kib,
            parallelism=self._lanes,
            hash_len=_DIGEST_BYTES,
            type=Type.ID,
        ).decode("ascii")

    def verify(self, secret: bytes, encoded: str) -> bool:
        """Checks an Argon2id hash of any cost up to about a second's work. Raises MalformedHash."""
        form = _FORM.fullmatch(encoded)
        if form is None:
            raise MalformedHash("argon2id: not of the form $argon2id$v=19$m=,t=,p=$salt$digest")
        _refuse_costs(*map(int, form.groups()))
        try:
            return verify_secret(encoded.encode("ascii"), secret, Type.ID)
        except VerifyMismatchError:
            return False
        except Argon2Error as error:
            raise MalformedHash(f"argon2id: {type(error).__name__}") from error

    def is_current(self, encoded: str) -> bool:
        """Whether the hash has exactly these parameters."""
        return encoded.startswith(self._head)

    def unmatchable(self) -> str:
        """A hash with these parameters whose digest is all zero bits."""
        return f"{self._head}{'A' * 22}${'A' * 43}"


def _refuse_costs(memory_kib: int, passes: int, lanes: int) -> None:
    """RFC 9106 §3.1 gives the floors, the limits above the ceilings."""
    if not 1 <= lanes <= _MOST_LANES:
        raise MalformedHash(f"argon2id: {lanes} lanes, allowed are 1 to {_MOST_LANES}")
    if not 8 * lanes <= memory_kib <= _MOST_MEMORY_KIB:
        raise MalformedHash(f"argon2id: {memory_kib} KiB, allowed are {8 * lanes} to {_MOST_MEMORY_KIB}")
    if not 1 <= passes * memory_kib <= _MOST_WORK:
        raise MalformedHash(
            f"argon2id: {passes} passes over {memory_kib} KiB, allowed is 1 to {_MOST_WORK} KiB"
        )
