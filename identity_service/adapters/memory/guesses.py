"""Counting guesses in this process alone."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from math import ceil
from typing import Final

from identity_service.ports.cache.guesses import Count, Wanted

MOST_KEYS: Final = 50_000
"""Kept of each area; the oldest make room, so that inventing keys cannot fill the memory."""


class MemoryGuesses:
    """`ports.Guesses` for one process. `clock` is seconds, monotonic."""

    def __init__(self, clock: Callable[[], float], *, most_keys: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most_keys = most_keys
        self._areas: defaultdict[str, OrderedDict[str, tuple[float, int]]] = defaultdict(OrderedDict)

    async def take(self, *wanted: Wanted) -> tuple[Count, ...]:
        """Counts each, if there is room."""
        return tuple(map(self._take, wanted))

    async def give_back(self, *keys: str) -> None:
        """Takes one off each."""
        for key in keys:
            alive = self._alive(key, self._clock())
            if alive is not None and alive[1] > 0:
                self._area(key)[key] = (alive[0], alive[1] - 1)

    async def remember(self, *keys: str, for_seconds: int) -> None:
        """Keeps them."""
        for key in keys:
            self._keep(key, self._clock() + for_seconds, 1)

    def _take(self, wanted: Wanted) -> Count:
        now, key = self._clock(), wanted.key
        ends, number = self._alive(key, now) or (now + wanted.per_seconds, 0)
        taken = wanted.most is None or number < wanted.most
        if taken:
            number += 1
            self._keep(key, ends, number)
        return Count(number, max(1, ceil(ends - now)), taken)

    def _area(self, key: str) -> OrderedDict[str, tuple[float, int]]:
        return self._areas[key.partition(":")[0]]

    def _alive(self, key: str, now: float) -> tuple[float, int] | None:
        kept = self._area(key).get(key)
        return kept if kept is not None and kept[0] > now else None

    def _keep(self, key: str, ends: float, number: int) -> None:
        area = self._area(key)
        area.pop(key, None)
        area[key] = (ends, number)
        if len(area) > self._most_keys:
            area.popitem(last=False)


class NoGuesses:
    """`ports.Guesses` where RATE_LIMITS=off: an operator's explicit choice. Nothing is ever one too many."""

    async def take(self, *wanted: Wanted) -> tuple[Count, ...]:
        """Counts nothing."""
        return tuple(Count(0, 1) for _ in wanted)

    async def give_back(self, *keys: str) -> None:
        """There is nothing to give back."""

    async def remember(self, *keys: str, for_seconds: int) -> None:
        """Nobody will ask."""
