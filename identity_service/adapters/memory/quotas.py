"""Counting requests against quotas in this process alone."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import ceil

from identity_service.domain.services.quota import ALGORITHMS, Quota, State, whole
from identity_service.ports.cache.quotas import Charge, Standing, Taken

MOST_KEYS = 100_000
"""Counters kept, 45 MB of them at most; those that were not used for the longest make room. In ordinary use there are
few: each new one sweeps away two that say nothing any more, if such are the oldest."""

Key = tuple[str, str | None, str, str]


class MemoryQuotas:
    """`ports.Quotas` for one process. `clock` is seconds, monotonic. Nothing is awaited, so that nobody comes between
    looking and counting."""

    def __init__(self, clock: Callable[[], float], *, most_keys: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most = most_keys
        self._states: OrderedDict[Key, tuple[State, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    async def take(self, charges: Sequence[Charge], *, most: int = 1, without: float = 1.0) -> Taken:
        """At once."""
        return self.take_at_once(charges, most=most)

    def take_at_once(self, charges: Sequence[Charge], *, most: int = 1) -> Taken:
        """Looks at all of them first."""
        now = self._clock()
        settled = [self._settled(charge, now) for charge in charges]
        granted = most
        for charge, state in zip(charges, settled, strict=True):
            left = whole(ALGORITHMS[charge.quota.algorithm].left(charge.quota, state, now))
            if left < granted:
                granted = left
        if not granted:
            return self._refused(charges, settled, now)
        return Taken(
            granted,
            tuple(
                self._spent(charge, state, granted, now)
                for charge, state in zip(charges, settled, strict=True)
            ),
        )

    def _settled(self, charge: Charge, now: float) -> State:
        kept = self._states.get(_key(charge))
        state = None if kept is None else kept[0]
        return ALGORITHMS[charge.quota.algorithm].settle(charge.quota, state, now)

    def _spent(self, charge: Charge, state: State, number: int, now: float) -> Standing:
        quota, key = charge.quota, _key(charge)
        state = ALGORITHMS[quota.algorithm].spend(state, number)
        if key not in self._states:
            self._make_room(now)
        self._states[key] = state, now + ALGORITHMS[quota.algorithm].reset(quota, state, now)
        self._states.move_to_end(key)
        return _standing(quota, state, now)

    def _make_room(self, now: float) -> None:
        for _ in range(2):
            if self._states and next(iter(self._states.values()))[1] <= now:
                self._states.popitem(last=False)
        if len(self._states) >= self._most:
            self._states.popitem(last=False)

    def _refused(self, charges: Sequence[Charge], settled: Sequence[State], now: float) -> Taken:
        """By the quota that takes longest to have room."""
        longest, by = 0.0, charges[0].quota
        for charge, state in zip(charges, settled, strict=True):
            wait = ALGORITHMS[charge.quota.algorithm].wait(charge.quota, state, now)
            if wait > longest:
                longest, by = wait, charge.quota
        standings = (
            _standing(charge.quota, state, now) for charge, state in zip(charges, settled, strict=True)
        )
        return Taken(0, tuple(standings), by, max(1, ceil(longest)))


class NoQuotas:
    """`ports.Quotas` where RATE_LIMITS=off: an operator's explicit choice."""

    async def take(self, charges: Sequence[Charge], *, most: int = 1, without: float = 1.0) -> Taken:
        """All of it."""
        return Taken(most, ())

    def take_at_once(self, charges: Sequence[Charge], *, most: int = 1) -> Taken:
        """All of it."""
        return Taken(most, ())


def _key(charge: Charge) -> Key:
    quota = charge.quota
    return quota.name, quota.tier, quota.algorithm, charge.key


def _standing(quota: Quota, state: State, now: float) -> Standing:
    algorithm = ALGORITHMS[quota.algorithm]
    return Standing(
        quota,
        whole(algorithm.left(quota, state, now)),
        max(1, ceil(algorithm.reset(quota, state, now))),
    )
