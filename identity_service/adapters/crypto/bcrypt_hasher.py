"""Decides how bcrypt hashes are made and read, those of other makers included."""

import re
from typing import Final

import bcrypt

from identity_service.adapters.crypto.scheme import MalformedHash

MOST_BYTES: Final = 72
"""bcrypt reads no further; the library refuses more, other makers cut."""
_COSTS: Final = range(4, 17)  # 16 takes seconds: a foreign hash must not hold a thread for longer
_FORM: Final = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")


class BcryptHasher:
    """bcrypt with one cost (base-2 logarithm of the rounds; 4 to 16)."""

    def __init__(self, *, cost: int = 12) -> None:
        if cost not in _COSTS:
            raise ValueError(f"the bcrypt cost must be {_COSTS[0]} to {_COSTS[-1]}, not {cost}")
        self._cost = cost

    def hash(self, secret: bytes) -> str:
        """Makes a `$2b$` hash. Raises ValueError over 72 bytes."""
        return bcrypt.hashpw(secret, bcrypt.gensalt(self._cost)).decode("ascii")

    def verify(self, secret: bytes, encoded: str) -> bool:
        """Checks a `$2a$`, `$2b$` or `$2y$` hash; raises MalformedHash.

        Bytes beyond the 72nd are cut as the makers of such hashes cut them. Some makers stop at NUL and
        others do not, so that with NUL there is no match: else "word", NUL and anything would open what
        "word" opens.
        """
        _refuse_malformed(encoded)
        try:
            matches = bcrypt.checkpw(secret[:MOST_BYTES], encoded.encode("ascii"))
        except ValueError as error:
            raise MalformedHash("bcrypt: the salt is not canonical") from error
        return matches and b"\0" not in secret

    def is_current(self, encoded: str) -> bool:
        """Whether the hash is `$2b$` with this cost."""
        return encoded.startswith(f"$2b${self._cost:02}$")

    def unmatchable(self) -> str:
        """A hash with this cost whose digest is all zero bits."""
        return bcrypt.gensalt(self._cost).decode("ascii") + "." * 31


def _refuse_malformed(encoded: str) -> None:
    form = _FORM.fullmatch(encoded)
    if form is None:
        raise MalformedHash("bcrypt: not of the form $2b$cost$salt-and-digest")
    cost = int(form[1])
    if cost not in _COSTS:
        raise MalformedHash(f"bcrypt: cost {cost} is outside {_COSTS[0]} to {_COSTS[-1]}")
