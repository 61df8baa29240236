"""Counting attempts in this process alone."""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

MOST_KEYS = 100_000
"""Counters kept; the oldest make room, so that inventing keys cannot fill the memory."""


class MemoryRateLimit:
    """`ports.RateLimit` for one process: fixed windows, a bounded number of them. `clock` is seconds, monotonic."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def blocked(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Looks, and counts nothing."""
        ends, count = self._windows.get(key, (0.0, 0))
        left = ends - self._clock()
        return max(1, ceil(left)) if left > 0 and count >= limit else None

    async def hit(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Counts one attempt."""
        now = self._clock()
        ends, count = self._windows.pop(key, (0.0, 0))
        if ends <= now:
            ends, count = now + per_seconds, 0
        self._windows[key] = (ends, count + 1)
        if len(self._windows) > MOST_KEYS:
            self._windows.popitem(last=False)
        return max(1, ceil(ends - now)) if count >= limit else None


class NoRateLimit:
    """`ports.RateLimit` where RATE_LIMITS=off: an operator's explicit choice."""

    async def blocked(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Never a limit."""
        return None

    async def hit(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Never a limit."""
        return None
