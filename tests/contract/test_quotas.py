"""Counting requests against quotas: `ports.Quotas` in memory and on Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import get_args

import pytest
from redis.asyncio import Redis

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.adapters.memory.quotas import MemoryQuotas, NoQuotas
from identity_service.adapters.redis.client import redis_client
from identity_service.adapters.redis.quotas import PREFIX, RedisQuotas
from identity_service.domain.services.quota import AlgorithmName, Quota
from identity_service.ports.cache.quotas import Charge, Quotas, Taken
from tests.clock import Clock
from tests.servers.proxy import TcpProxy
from tests.servers.redis import PATIENCE, RedisServer

Proxied = Callable[[str], Awaitable[TcpProxy]]
ALGORITHMS: tuple[AlgorithmName, ...] = get_args(AlgorithmName)
DAY = 86_400
"""A period in which nothing comes back while a test runs."""


def on_redis(client: Redis, clock: Clock, *, timeout_seconds: float = PATIENCE) -> RedisQuotas:
    return RedisQuotas(
        client,
        alone=MemoryQuotas(clock),
        digest=HmacDigest(bytes(32)),
        clock=clock,
        timeout_seconds=timeout_seconds,
    )


@pytest.fixture(params=["memory", "redis"])
def quotas(request: pytest.FixtureRequest, clock: Clock) -> Quotas:
    if request.param == "memory":
        return MemoryQuotas(clock)
    return on_redis(request.getfixturevalue("redis"), clock)


@pytest.fixture(params=ALGORITHMS)
def quota(request: pytest.FixtureRequest) -> Quota:
    """Five a day."""
    return Quota(
        level="address", endpoint="token", limit=5, per_seconds=DAY, algorithm=request.param, burst=5
    )


async def take(quotas: Quotas, *charges: Charge, most: int = 1) -> Taken:
    return await quotas.take(charges, most=most)


async def test_as_many_as_the_limit_pass_and_the_next_is_told_when(quotas: Quotas, quota: Quota) -> None:
    taken = [await take(quotas, Charge(quota, "a")) for _ in range(6)]

    assert [each.granted for each in taken] == [1, 1, 1, 1, 1, 0]
    assert [each.standings[0].remaining for each in taken] == [4, 3, 2, 1, 0, 0]
    assert taken[4].refused_by is None
    assert taken[5].refused_by == quota
    assert 1 <= taken[5].wait_seconds <= 2 * DAY
    assert all(1 <= each.standings[0].reset_seconds <= 2 * DAY for each in taken)


async def test_keys_and_quotas_are_counted_apart(quotas: Quotas, quota: Quota) -> None:
    elsewhere = replace(quota, endpoint="revoke")
    for _ in range(6):
        await take(quotas, Charge(quota, "a"))

    assert (await take(quotas, Charge(quota, "b"))).granted == 1
    assert (await take(quotas, Charge(elsewhere, "a"))).granted == 1
    assert (await take(quotas, Charge(replace(quota, tier="gold"), "a"))).granted == 1
    assert (await take(quotas, Charge(quota, "a"))).granted == 0


async def test_what_one_quota_refuses_is_counted_in_no_other(quotas: Quotas, quota: Quota) -> None:
    narrow = replace(quota, level="global", limit=2, burst=2)
    both = Charge(quota, "a"), Charge(narrow, "")
    taken = [await take(quotas, *both) for _ in range(4)]

    assert [each.granted for each in taken] == [1, 1, 0, 0]
    assert taken[3].refused_by == narrow
    assert [standing.remaining for standing in taken[3].standings] == [3, 0]


async def test_several_are_taken_as_far_as_there_are_any(quotas: Quotas, quota: Quota) -> None:
    granted = [(await take(quotas, Charge(quota, "a"), most=3)).granted for _ in range(3)]

    assert granted == [3, 2, 0]


async def test_without_a_quota_everything_passes(quotas: Quotas) -> None:
    assert await take(quotas, most=7) == Taken(7, ())


async def test_keys_may_be_any_text(quotas: Quotas, quota: Quota) -> None:
    one = replace(quota, limit=1, burst=1)
    for key in ("", "ä \0 \ud800", "x" * 100_000):
        assert (await take(quotas, Charge(one, key))).granted == 1
        assert (await take(quotas, Charge(one, key))).granted == 0


async def test_of_sixteen_callers_at_once_exactly_the_limit_pass(quotas: Quotas, quota: Quota) -> None:
    many = replace(quota, limit=100, burst=100)

    async def caller() -> int:
        return sum([(await take(quotas, Charge(many, "a"))).granted for _ in range(10)])

    assert sum(await asyncio.gather(*(caller() for _ in range(16)))) == 100


async def test_off_means_no_quota(quota: Quota) -> None:
    quotas = NoQuotas()

    assert [(await take(quotas, Charge(quota, "a"))).granted for _ in range(6)] == [1] * 6
    assert quotas.take_at_once([Charge(quota, "a")], most=9) == Taken(9, ())


async def test_in_memory_nobody_has_to_be_asked(clock: Clock, quota: Quota) -> None:
    quotas = MemoryQuotas(clock)
    taken = [quotas.take_at_once([Charge(quota, "a")]) for _ in range(6)]

    assert [each.granted for each in taken] == [1, 1, 1, 1, 1, 0]


async def test_in_memory_who_was_not_seen_for_the_longest_makes_room(clock: Clock, quota: Quota) -> None:
    quotas = MemoryQuotas(clock, most_keys=2)
    one = replace(quota, limit=1, burst=1)
    for key in ("a", "b", "c"):
        await take(quotas, Charge(one, key))

    assert len(quotas) == 2
    assert [(await take(quotas, Charge(one, key))).granted for key in ("c", "b", "a")] == [0, 0, 1]


async def test_in_memory_counters_that_say_nothing_any_more_are_swept_away(
    clock: Clock, quota: Quota
) -> None:
    quotas = MemoryQuotas(clock)
    short = replace(quota, per_seconds=1)
    for number in range(1000):
        await take(quotas, Charge(short, f"caller {number}"))
        clock.now += 0.1

    assert len(quotas) <= 22


class TestRedis:
    """What many processes and a server that fails can do."""

    async def test_processes_share_their_count(self, redis: Redis, clock: Clock, quota: Quota) -> None:
        one, other = on_redis(redis, clock), on_redis(redis, clock)
        granted = [
            (await take(each, Charge(quota, "a"))).granted for each in (one, other, one, other, one, other)
        ]

        assert granted == [1, 1, 1, 1, 1, 0]

    async def test_a_counter_goes_when_all_of_its_quota_is_there_again(
        self, redis: Redis, clock: Clock, quota: Quota
    ) -> None:
        await take(on_redis(redis, clock), Charge(quota, "a"))
        (name,) = await redis.keys()

        assert 0 < await redis.pttl(name) <= 2 * DAY * 1000

    async def test_names_of_people_do_not_reach_redis(self, redis: Redis, clock: Clock, quota: Quota) -> None:
        await take(on_redis(redis, clock), Charge(quota, "alice"))
        (name,) = await redis.keys()

        assert name.startswith(PREFIX)
        assert b"alice" not in name

    async def test_what_is_no_count_of_ours_is_begun_anew(
        self, redis: Redis, clock: Clock, quota: Quota
    ) -> None:
        quotas = on_redis(redis, clock)
        await take(quotas, Charge(quota, "a"))
        (name,) = await redis.keys()
        await redis.set(name, "nonsense")

        assert (await take(quotas, Charge(quota, "a"))).standings[0].remaining == 4

    async def test_somebody_has_to_be_asked(self, redis: Redis, clock: Clock, quota: Quota) -> None:
        assert on_redis(redis, clock).take_at_once([Charge(quota, "a")]) is None

    async def test_while_redis_is_away_a_process_has_a_part_of_each_quota(
        self, redis: Redis, redis_server: RedisServer, clock: Clock, quota: Quota
    ) -> None:
        quotas = on_redis(redis, clock)
        await take(quotas, Charge(quota, "a"))
        await redis_server.stop()
        taken = [await quotas.take([Charge(quota, "a")], without=0.4) for _ in range(3)]

        assert [each.granted for each in taken] == [1, 1, 0]

    async def test_when_redis_is_back_it_counts_again(
        self, redis: Redis, redis_server: RedisServer, clock: Clock, quota: Quota
    ) -> None:
        quotas = on_redis(redis, clock)
        await redis_server.stop()
        await take(quotas, Charge(quota, "a"))
        await redis_server.start()
        assert await redis.dbsize() == 0
        clock.now += 1
        await take(quotas, Charge(quota, "a"))

        assert await redis.dbsize() == 1

    async def test_a_hanging_redis_is_asked_once_and_then_left_alone_for_a_second(
        self, redis_server: RedisServer, clock: Clock, tcp_proxy: Proxied, quota: Quota
    ) -> None:
        proxy = await tcp_proxy(redis_server.url)
        proxy.swallow()
        async with redis_client(proxy.url, timeout_seconds=0.5) as client:
            quotas = on_redis(client, clock, timeout_seconds=0.5)
            taken = [await quotas.take([Charge(quota, "a")], without=0.6) for _ in range(4)]
            assert [each.granted for each in taken] == [1, 1, 1, 0]
            await proxy.heal()
            await take(quotas, Charge(quota, "a"))
            assert proxy.connections == 0
            clock.now += 1
            assert (await take(quotas, Charge(quota, "a"))).standings[0].remaining == 4
