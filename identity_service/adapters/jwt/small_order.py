"""Decides which Ed25519 public keys are none: points of small order, for which anybody can make signatures."""

from typing import Final

_PRIME: Final = 2**255 - 19
_ROOT: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
"""y of the points of order 8; its negative is the other (they solve d*y^4 + 2*y^2 = 1, RFC 8032 §5.1)."""
_SIGN: Final = 1 << 255
# order 4, 1 and 2, and 8; 0 and 1 have a second spelling above the prime, which some libraries read
_COORDINATES: Final = frozenset({0, 1, _PRIME - 1, _ROOT, _PRIME - _ROOT, _PRIME, _PRIME + 1})


def refuse_small_order(raw: bytes) -> None:
    """Raises ValueError for one of the eight points of small order, in every encoding of theirs (32 bytes)."""
    if int.from_bytes(raw, "little") & ~_SIGN in _COORDINATES:
        raise ValueError("an Ed25519 key of small order signs whatever anybody likes")
