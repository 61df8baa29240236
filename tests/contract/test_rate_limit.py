"""Counting attempts: `ports.RateLimit` in memory and on Redis."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.adapters.memory.rate_limit import MemoryRateLimit, NoRateLimit
from identity_service.adapters.redis.client import redis_client
from identity_service.adapters.redis.rate_limit import PREFIX, RedisRateLimit
from identity_service.ports.cache.rate_limit import RateLimit
from tests.clock import Clock
from tests.servers.proxy import TcpProxy
from tests.servers.redis import PATIENCE, RedisServer

Proxied = Callable[[str], Awaitable[TcpProxy]]


def on_redis(client: Redis, clock: Clock) -> RedisRateLimit:
    return RedisRateLimit(
        client,
        alone=MemoryRateLimit(clock),
        digest=HmacDigest(bytes(32)),
        clock=clock,
        timeout_seconds=PATIENCE,
    )


@pytest.fixture(params=["memory", "redis"])
def rate_limit(request: pytest.FixtureRequest, clock: Clock) -> RateLimit:
    if request.param == "memory":
        return MemoryRateLimit(clock)
    return on_redis(request.getfixturevalue("redis"), clock)


async def hit(limit: RateLimit, key: str = "a", *, most: int = 3, per_seconds: int = 60) -> int | None:
    return await limit.hit(key, limit=most, per_seconds=per_seconds)


async def test_as_many_attempts_as_the_limit_are_free_and_the_next_has_to_wait(rate_limit: RateLimit) -> None:
    assert [await hit(rate_limit) for _ in range(3)] == [None] * 3
    wait = await hit(rate_limit)

    assert wait is not None
    assert 1 <= wait <= 60


async def test_keys_are_counted_apart(rate_limit: RateLimit) -> None:
    for _ in range(4):
        await hit(rate_limit, "a")

    assert await hit(rate_limit, "b") is None


async def test_keys_may_be_any_text(rate_limit: RateLimit) -> None:
    for key in ("", "ä \0 \ud800", "x" * 100_000):
        assert await hit(rate_limit, key, most=1) is None
        assert await hit(rate_limit, key, most=1) is not None


async def test_of_concurrent_attempts_exactly_the_limit_are_free(rate_limit: RateLimit) -> None:
    waits = await asyncio.gather(*(hit(rate_limit, most=5) for _ in range(20)))

    assert waits.count(None) == 5


async def test_off_means_no_limit() -> None:
    limit = NoRateLimit()

    assert [await hit(limit, most=1) for _ in range(3)] == [None] * 3


async def test_in_memory_a_window_that_ended_starts_anew(clock: Clock) -> None:
    limit = MemoryRateLimit(clock)
    for _ in range(4):
        await hit(limit)
    clock.now += 60

    assert await hit(limit) is None


class TestRedis:
    """What many processes and a server that fails can do."""

    async def test_processes_share_their_count(self, redis: Redis, clock: Clock) -> None:
        one, other = on_redis(redis, clock), on_redis(redis, clock)
        waits = [await hit(limit) for limit in (one, other, one, other)]

        assert waits[:3] == [None] * 3
        assert waits[3] is not None

    async def test_a_window_ends_with_its_counter(self, redis: Redis, clock: Clock) -> None:
        limit = on_redis(redis, clock)
        for _ in range(4):
            await hit(limit)
        (name,) = await redis.keys()
        assert 0 < await redis.pttl(name) <= 60_000
        await redis.pexpire(name, 0)

        assert await hit(limit) is None

    async def test_names_of_people_do_not_reach_redis(self, redis: Redis, clock: Clock) -> None:
        await hit(on_redis(redis, clock), "sign-in:alice")
        (name,) = await redis.keys()

        assert name.startswith(PREFIX)
        assert b"alice" not in name

    async def test_while_redis_is_away_the_process_counts_for_itself(
        self, redis: Redis, redis_server: RedisServer, clock: Clock
    ) -> None:
        limit = on_redis(redis, clock)
        await redis_server.stop()

        assert [await hit(limit) for _ in range(3)] == [None] * 3
        assert await hit(limit) is not None

    async def test_when_redis_is_back_it_counts_again(
        self, redis: Redis, redis_server: RedisServer, clock: Clock
    ) -> None:
        limit = on_redis(redis, clock)
        await redis_server.stop()
        await hit(limit)
        await redis_server.start()
        assert await redis.dbsize() == 0
        clock.now += 1
        await hit(limit)

        assert await redis.dbsize() == 1

    async def test_a_hanging_redis_is_asked_once_and_then_left_alone_for_a_second(
        self, redis_server: RedisServer, clock: Clock, tcp_proxy: Proxied
    ) -> None:
        proxy = await tcp_proxy(redis_server.url)
        proxy.swallow()
        async with redis_client(proxy.url, timeout_seconds=0.5) as client:
            limit = on_redis(client, clock)
            waits = [await hit(limit) for _ in range(4)]
            assert waits[:3] == [None] * 3
            assert waits[3] is not None
            await proxy.heal()
            await hit(limit)
            assert proxy.connections == 0
            clock.now += 1
            assert await hit(limit) is None  # the shared count has seen none of this
