"""How a quota counts: token bucket, sliding window, fixed window.

Each algorithm keeps three numbers about a key; times are seconds of any clock that does not run backwards. The same
arithmetic stands in `adapters/redis/quotas.py`, for Redis; tests/contract/test_quotas.py holds both to the same.
"""

from dataclasses import dataclass, replace
from math import floor
from typing import Final, Literal, Protocol

AlgorithmName = Literal["token_bucket", "sliding_window", "fixed_window"]
Level = Literal["global", "client", "user", "address"]
State = tuple[float, float, float]

ROUNDING: Final = 1e-6
"""What floating-point numbers may have lost of a whole one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`limit` requests `per_seconds`, for each key of its `level`, at an `endpoint` or at `all` together.

    `burst` is how many a token bucket holds; the other algorithms do not look at it. `tier`: for clients of this tier.
    """

    level: Level
    endpoint: str
    limit: int
    per_seconds: int
    algorithm: AlgorithmName = "sliding_window"
    burst: int = 0
    tier: str | None = None

    @property
    def name(self) -> str:
        """What callers read in `RateLimit-Policy`: a word of ours."""
        return f"{self.level}-{self.endpoint}"

    @property
    def room(self) -> int:
        """How many may come at once, after a rest."""
        return self.burst if self.algorithm == "token_bucket" else self.limit

    def cut(self, share: float) -> "Quota":
        """The same for one process of many, which has this share of it, and at least one request."""
        return replace(self, limit=max(1, floor(self.limit * share)), burst=max(1, floor(self.burst * share)))


class Algorithm(Protocol):
    """The arithmetic of one way to count. A state is first brought to `now` by `settle`; the others take it so."""

    def settle(self, quota: Quota, state: State | None, now: float) -> State:
        """The state as it is at `now`; None is a key that was never seen."""

    def left(self, quota: Quota, state: State, now: float) -> float:
        """How many may come now; the part behind the point is not there yet."""

    def spend(self, state: State, number: int) -> State:
        """After so many have come."""

    def wait(self, quota: Quota, state: State, now: float) -> float:
        """Seconds until one may come, if nobody else does."""

    def reset(self, quota: Quota, state: State, now: float) -> float:
        """Seconds until all of it is there again: so long the state has to be kept."""


class TokenBucket:
    """Tokens drip in at an even rate and up to `burst` of them are kept. State: tokens, when that was."""

    def settle(self, quota: Quota, state: State | None, now: float) -> State:
        if state is None:
            return float(quota.burst), now, 0.0
        tokens = state[0] + max(0.0, now - state[1]) * quota.limit / quota.per_seconds
        return min(float(quota.burst), tokens), now, 0.0

    def left(self, quota: Quota, state: State, now: float) -> float:
        return state[0]

    def spend(self, state: State, number: int) -> State:
        return state[0] - number, state[1], 0.0

    def wait(self, quota: Quota, state: State, now: float) -> float:
        return max(0.0, 1.0 - state[0]) * quota.per_seconds / quota.limit

    def reset(self, quota: Quota, state: State, now: float) -> float:
        return (quota.burst - state[0]) * quota.per_seconds / quota.limit


class SlidingWindow:
    """The count of the running window, and of the one before it the part that has not slid out yet, taken as if it had
    come evenly. State: begin of the window, its count, the count before."""

    def settle(self, quota: Quota, state: State | None, now: float) -> State:
        begin = floor(now / quota.per_seconds) * float(quota.per_seconds)
        if state is None or abs(begin - state[0]) > 1.5 * quota.per_seconds:
            return begin, 0.0, 0.0
        return state if begin <= state[0] else (begin, 0.0, state[1])

    def left(self, quota: Quota, state: State, now: float) -> float:
        still = 1.0 - min(1.0, max(0.0, now - state[0]) / quota.per_seconds)
        return quota.limit - state[1] - state[2] * still

    def spend(self, state: State, number: int) -> State:
        return state[0], state[1] + number, state[2]

    def wait(self, quota: Quota, state: State, now: float) -> float:
        begin, count, before = state
        free = quota.limit - 1
        if count <= free:
            slid = 1.0 - (free - count) / before if before else 0.0
            return max(0.0, begin + quota.per_seconds * slid - now)
        return begin + quota.per_seconds * (2.0 - free / count) - now

    def reset(self, quota: Quota, state: State, now: float) -> float:
        windows = 2 if state[1] else int(bool(state[2]))
        return max(0.0, state[0] + windows * quota.per_seconds - now)


class FixedWindow:
    """A window begins with the first request and ends with all that was counted in it. State: its end, its count."""

    def settle(self, quota: Quota, state: State | None, now: float) -> State:
        over = state is None or state[0] <= now or state[0] > now + quota.per_seconds
        return (now + quota.per_seconds, 0.0, 0.0) if over or state is None else state

    def left(self, quota: Quota, state: State, now: float) -> float:
        return quota.limit - state[1]

    def spend(self, state: State, number: int) -> State:
        return state[0], state[1] + number, 0.0

    def wait(self, quota: Quota, state: State, now: float) -> float:
        return 0.0 if state[1] < quota.limit else state[0] - now

    def reset(self, quota: Quota, state: State, now: float) -> float:
        return state[0] - now


ALGORITHMS: Final[dict[AlgorithmName, Algorithm]] = {
    "token_bucket": TokenBucket(),
    "sliding_window": SlidingWindow(),
    "fixed_window": FixedWindow(),
}


def whole(left: float) -> int:
    """Requests that there is room for; never less than none."""
    return max(0, floor(left + ROUNDING))
