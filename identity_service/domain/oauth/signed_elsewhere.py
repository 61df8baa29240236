"""What holds for every JWT that a client signs (RFC 7519 §4.1): when it counts, and how often; clocks may differ."""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

LEEWAY_SECONDS: Final = 60
"""How far a client's clock may be off."""
LONGEST_JTI: Final = 256
LONGEST_LIFE_SECONDS: Final = 3600
"""How far away the `exp` of what counts once may be: so long its `jti` is kept."""
MOST_SECONDS: Final = 2**53


def moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 §2), which may have a fraction; None for what is none, or is not there."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < MOST_SECONDS else None


def is_past(claims: Mapping[str, Any], name: str, now: float, *, longest: float = MOST_SECONDS) -> bool:
    """Whether the moment, where one is named, is past, and no longer than that."""
    if name not in claims:
        return True
    named = moment(claims, name)
    return named is not None and now - longest - LEEWAY_SECONDS <= named <= now + LEEWAY_SECONDS


def is_over(claims: Mapping[str, Any], now: float) -> bool:
    """Whether there is no `exp` to count on, or it is past."""
    exp = moment(claims, "exp")
    return exp is None or exp <= now - LEEWAY_SECONDS


def is_far_away(claims: Mapping[str, Any], now: float, *, longest: float) -> bool:
    """Whether `exp` is further ahead than that."""
    exp = moment(claims, "exp")
    return exp is not None and exp > now + longest + LEEWAY_SECONDS


def refused_from(claims: Mapping[str, Any]) -> int:
    """The second from which on `is_over` says so, whatever comes: until then a `jti` must not come again."""
    return ceil(moment(claims, "exp") or 0) + LEEWAY_SECONDS


def is_jti(value: Any) -> bool:
    """Whether it can name what counts once."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_JTI
