"""Each algorithm of quotas does what a naive account of every request says, and Redis does it alike."""

from collections.abc import Callable, Iterator
from itertools import count
from math import ceil, floor
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from identity_service.adapters.redis.quotas import TAKE
from identity_service.domain.services.quota import ALGORITHMS, AlgorithmName, Quota, State, whole
from tests.servers.redis import RedisServer

NAMES: tuple[AlgorithmName, ...] = get_args(AlgorithmName)
TIMED, KEPT = "redis.call('TIME')", ", 'PX', math.max(1, math.ceil(reset * 1000))"
BY_HAND = TAKE.replace(TIMED, "{ARGV[#ARGV - 1], ARGV[#ARGV]}").replace(KEPT, "")
"""The script with a clock that the test sets; Redis's own must then make it forget nothing."""
BEGIN = 1_700_000_000_000_000
"""Microseconds: floating-point numbers have as little room left there as they have today."""
steps = st.lists(
    st.tuples(st.one_of(st.just(0), st.integers(0, 30_000_000)), st.integers(1, 4)), min_size=1, max_size=40
)
"""Microseconds until the next request comes, and how many it asks for."""


@st.composite
def quotas(draw: st.DrawFn, algorithm: AlgorithmName) -> Quota:
    return Quota(
        level="address",
        endpoint="token",
        limit=draw(st.integers(1, 8)),
        per_seconds=draw(st.integers(1, 20)),
        algorithm=algorithm,
        burst=draw(st.integers(1, 8)) if algorithm == "token_bucket" else 0,
    )


class Counted:
    """A key of one quota, as the domain counts it."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self.algorithm = ALGORITHMS[quota.algorithm]
        self.state: State | None = None

    def take(self, microseconds: int, most: int) -> tuple[int, float, float, float]:
        """Granted, left, seconds to wait, seconds until all is there again."""
        now = microseconds / 1e6
        state = self.algorithm.settle(self.quota, self.state, now)
        granted = min(most, whole(self.algorithm.left(self.quota, state, now)))
        wait = 0.0 if granted else self.algorithm.wait(self.quota, state, now)
        if granted:
            state = self.state = self.algorithm.spend(state, granted)
        left = self.algorithm.left(self.quota, state, now)
        return granted, left, wait, self.algorithm.reset(self.quota, state, now)


def bucket(quota: Quota, came: list[int], now: int) -> float:
    """Between any moment and now no more than a full bucket and what dripped in since."""
    rooms = [
        quota.burst + (now - since) / 1e6 * quota.limit / quota.per_seconds - sum(at >= since for at in came)
        for since in {*came, now}
    ]
    return min(rooms)


def sliding(quota: Quota, came: list[int], now: int) -> float:
    """The running window, and of the one before it the part that is still within a period of now."""
    period = quota.per_seconds * 1_000_000
    window = now // period
    before = sum(at // period == window - 1 for at in came)
    return quota.limit - sum(at // period == window for at in came) - before * (1 - now % period / period)


def fixed(quota: Quota, came: list[int], now: int) -> float:
    """A window begins with whoever comes when there is none."""
    period, begin, inside = quota.per_seconds * 1_000_000, -(10**18), 0
    for at in came:
        if at >= begin + period:
            begin, inside = at, 0
        inside += 1
    return quota.limit - (inside if now < begin + period else 0)


REFERENCES: dict[AlgorithmName, Callable[[Quota, list[int], int], float]] = {
    "token_bucket": bucket,
    "sliding_window": sliding,
    "fixed_window": fixed,
}


@pytest.mark.parametrize("name", NAMES)
def test_an_algorithm_does_what_an_account_of_every_request_says(name: AlgorithmName) -> None:
    @given(quota=quotas(name), waits=steps)
    def agree(quota: Quota, waits: list[tuple[int, int]]) -> None:
        counted, came, now = Counted(quota), list[int](), BEGIN
        for wait, most in waits:
            now += wait
            room = REFERENCES[name](quota, came, now)
            granted = counted.take(now, most)[0]
            assert granted in {min(most, max(0, floor(room + by))) for by in (-1e-5, 1e-5)}
            came += [now] * granted

    agree()


@pytest.mark.parametrize("name", NAMES)
def test_whoever_waits_as_long_as_told_passes_and_not_much_earlier(name: AlgorithmName) -> None:
    @given(quota=quotas(name), waits=steps)
    def passes(quota: Quota, waits: list[tuple[int, int]]) -> None:
        counted, now = Counted(quota), BEGIN
        for wait, most in waits:
            now += wait
            told = ceil(counted.take(now, most)[2] * 1e6)
            if told:
                kept = counted.state
                assert counted.take(now + max(0, told - 100), 1)[0] == 0
                counted.state = kept
                assert counted.take(now + told + 2, 1)[0] == 1
                counted.state = kept

    passes()


@pytest.mark.parametrize("name", NAMES)
def test_after_its_reset_a_quota_is_as_if_nobody_had_come(name: AlgorithmName) -> None:
    @given(quota=quotas(name), waits=steps)
    def whole_again(quota: Quota, waits: list[tuple[int, int]]) -> None:
        counted, now = Counted(quota), BEGIN
        for wait, most in waits:
            now += wait
            reset = counted.take(now, most)[3]
        later = now + ceil(reset * 1e6) + 2
        assert counted.take(later, 1)[1] == pytest.approx(quota.room - 1, abs=1e-4)

    whole_again()


@pytest.fixture(scope="module")
def keys() -> Iterator[int]:
    return count()


@pytest.mark.parametrize("name", NAMES)
def test_redis_counts_as_the_process_does(
    name: AlgorithmName, redis_server: RedisServer, keys: Iterator[int]
) -> None:
    assert TIMED in TAKE
    assert KEPT in TAKE
    with Redis.from_url(redis_server.url) as client:
        script = client.register_script(BY_HAND)

        @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(quota=quotas(name), waits=steps)
        def agree(quota: Quota, waits: list[tuple[int, int]]) -> None:
            counted, now, key = Counted(quota), BEGIN, f"k{next(keys)}"
            for wait, most in waits:
                now += wait
                granted, left, told, reset = counted.take(now, most)
                clock = divmod(now, 1_000_000)
                kind = (quota.algorithm, quota.limit, quota.per_seconds, quota.burst)
                there = script(keys=[key], args=[most, *kind, *clock])
                assert there == [granted, whole(left), ceil(told * 1000), ceil(reset * 1000)]

        agree()
