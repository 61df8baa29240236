"""How long this process may trust that it has heard of every ending."""

from collections.abc import Callable

SECONDS = 1.0
"""The promise: an ending is seen everywhere after at most this long."""


class Lease:
    """Runs for a second from the *start* of the last read of the feed that was applied.

    An ending answered before that start was seen by that read. So whoever checks the lease after the request came in,
    and last of all, gives no answer that a second-old ending forbids, however long the process was paused meanwhile.
    `clock` is seconds and must go on while the machine sleeps (CLOCK_BOOTTIME).
    """

    def __init__(self, clock: Callable[[], float], *, tolerance_seconds: float = 0) -> None:
        """`tolerance_seconds`: how long after its end a lease is good enough while the database is away."""
        self._clock = clock
        self._tolerance = tolerance_seconds
        self._start = float("-inf")

    def extend(self, start: float) -> None:
        """A read of the feed that was started at `start` has been applied."""
        self._start = max(self._start, start)

    @property
    def held(self) -> bool:
        """Whether remembered answers may be given."""
        return self._clock() < self._start + SECONDS

    @property
    def tolerated(self) -> bool:
        """Whether the operator prefers a remembered answer to none (STALE_WHILE_DATABASE_AWAY_SECONDS)."""
        return self._clock() < self._start + SECONDS + self._tolerance

    @property
    def age(self) -> float | None:
        """Seconds since the feed was last seen; None before the first time."""
        return None if self._start == float("-inf") else self._clock() - self._start
