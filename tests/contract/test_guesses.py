"""Counting guesses: `ports.Guesses` in memory and on Redis."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.adapters.memory.guesses import MemoryGuesses, NoGuesses
from identity_service.adapters.redis.client import redis_client
from identity_service.adapters.redis.guesses import PREFIX, RedisGuesses
from identity_service.ports.cache.guesses import Guesses, Wanted
from tests.clock import Clock
from tests.servers.proxy import TcpProxy
from tests.servers.redis import PATIENCE, RedisServer

Proxied = Callable[[str], Awaitable[TcpProxy]]


def on_redis(client: Redis, clock: Clock) -> RedisGuesses:
    return RedisGuesses(
        client,
        alone=MemoryGuesses(clock),
        digest=HmacDigest(bytes(32)),
        clock=clock,
        timeout_seconds=PATIENCE,
    )


@pytest.fixture(params=["memory", "redis"])
def guesses(request: pytest.FixtureRequest, clock: Clock) -> Guesses:
    if request.param == "memory":
        return MemoryGuesses(clock)
    return on_redis(request.getfixturevalue("redis"), clock)


async def taken(guesses: Guesses, key: str = "at:a", *, most: int | None = 2) -> tuple[int, bool]:
    [counted] = await guesses.take(Wanted(key, 60, most))
    assert 1 <= counted.seconds_left <= 60
    return counted.number, counted.taken


async def known(guesses: Guesses, key: str) -> bool:
    [looked] = await guesses.take(Wanted(key, 1, 0))
    assert not looked.taken or looked.number == 0  # where everything is off
    return looked.number > 0


async def test_so_many_are_taken_and_no_more(guesses: Guesses) -> None:
    assert [await taken(guesses) for _ in range(4)] == [(1, True), (2, True), (2, False), (2, False)]


async def test_without_a_limit_all_are(guesses: Guesses) -> None:
    assert [await taken(guesses, most=None) for _ in range(3)] == [(1, True), (2, True), (3, True)]


async def test_what_is_given_back_can_be_taken_again(guesses: Guesses) -> None:
    await taken(guesses)
    await taken(guesses)
    await guesses.give_back("at:a")

    assert [await taken(guesses), await taken(guesses)] == [(2, True), (2, False)]


async def test_nobody_gives_back_more_than_there_is(guesses: Guesses) -> None:
    await guesses.give_back("at:a")
    await taken(guesses)
    for _ in range(3):
        await guesses.give_back("at:a")

    assert await taken(guesses) == (1, True)


async def test_keys_are_counted_apart_and_may_be_any_text(guesses: Guesses) -> None:
    for key in ("at:a", "at:b", "kind:a", "", ":", "ä \0 \ud800", "x" * 10_000):
        assert await taken(guesses, key, most=1) == (1, True)
        assert await taken(guesses, key, most=1) == (1, False)


async def test_several_are_taken_at_once_each_on_its_own(guesses: Guesses) -> None:
    await taken(guesses, "at:a", most=None)
    counts = await guesses.take(Wanted("at:a", 60, 1), Wanted("at:b", 60, 1), Wanted("known:c", 60, 0))
    await guesses.give_back("at:a", "at:b")

    assert [(each.number, each.taken) for each in counts] == [(1, False), (1, True), (0, False)]
    assert [await taken(guesses, key) for key in ("at:a", "at:b")] == [(1, True), (1, True)]


async def test_of_concurrent_ones_exactly_the_limit_is_taken(guesses: Guesses) -> None:
    found = await asyncio.gather(*(taken(guesses, most=5) for _ in range(20)))

    assert sum(was for _, was in found) == 5


async def test_what_was_remembered_is_known_and_nothing_else(guesses: Guesses) -> None:
    await guesses.remember("known:a", for_seconds=60)

    assert [await known(guesses, key) for key in ("known:a", "known:b")] == [True, False]


async def test_off_means_that_nothing_is_one_too_many() -> None:
    guesses = NoGuesses()
    await guesses.remember("known:a", for_seconds=60)
    await guesses.give_back("at:a")

    assert [await taken(guesses, most=1) for _ in range(3)] == [(0, True)] * 3
    assert not await known(guesses, "known:a")


async def test_in_memory_a_window_and_a_memory_end(clock: Clock) -> None:
    guesses = MemoryGuesses(clock)
    for _ in range(3):
        await taken(guesses)
    await guesses.remember("known:a", for_seconds=60)
    clock.now += 59
    assert await taken(guesses) == (2, False)
    assert await known(guesses, "known:a")
    clock.now += 1

    await guesses.give_back("at:a")
    assert await taken(guesses) == (1, True)
    assert not await known(guesses, "known:a")


async def test_in_memory_the_oldest_make_room_but_only_of_their_area(clock: Clock) -> None:
    guesses = MemoryGuesses(clock, most_keys=2)
    for key in ("at:victim", "nobody:1", "nobody:2", "nobody:3"):
        await taken(guesses, key)

    assert await taken(guesses, "at:victim") == (2, True)
    assert await taken(guesses, "nobody:3") == (2, True)
    assert await taken(guesses, "nobody:1") == (1, True)


class TestRedis:
    """What many processes and a server that fails can do."""

    async def test_processes_share_their_count_and_their_memory(self, redis: Redis, clock: Clock) -> None:
        one, other = on_redis(redis, clock), on_redis(redis, clock)
        found = [await taken(guesses) for guesses in (one, other, one)]
        await one.remember("known:a", for_seconds=60)

        assert found == [(1, True), (2, True), (2, False)]
        assert await known(other, "known:a")

    async def test_everything_ends(self, redis: Redis, clock: Clock) -> None:
        guesses = on_redis(redis, clock)
        await taken(guesses)
        await guesses.give_back("at:a")
        await taken(guesses)
        await guesses.remember("known:a", for_seconds=60)

        lives = [await redis.pttl(name) for name in await redis.keys()]
        assert len(lives) == 2
        assert all(0 < life <= 60_000 for life in lives)

    async def test_names_of_people_do_not_reach_redis(self, redis: Redis, clock: Clock) -> None:
        await taken(on_redis(redis, clock), "at:alice")
        (name,) = await redis.keys()

        assert name.startswith(PREFIX)
        assert b"alice" not in name

    async def test_while_redis_is_away_the_process_counts_and_knows_for_itself(
        self, redis: Redis, redis_server: RedisServer, clock: Clock
    ) -> None:
        guesses = on_redis(redis, clock)
        await guesses.remember("known:a", for_seconds=60)
        await redis_server.stop()

        assert [await taken(guesses) for _ in range(3)] == [(1, True), (2, True), (2, False)]
        await guesses.give_back("at:a")
        assert await taken(guesses) == (2, True)
        assert await known(guesses, "known:a")
        assert not await known(guesses, "known:b")

    async def test_when_redis_is_back_it_counts_again(
        self, redis: Redis, redis_server: RedisServer, clock: Clock
    ) -> None:
        guesses = on_redis(redis, clock)
        await redis_server.stop()
        await taken(guesses)
        await redis_server.start()
        await taken(guesses)
        assert await redis.dbsize() == 0
        clock.now += 1
        await taken(guesses)

        assert await redis.dbsize() == 1

    async def test_a_hanging_redis_is_asked_once_and_then_left_alone_for_a_second(
        self, redis_server: RedisServer, clock: Clock, tcp_proxy: Proxied
    ) -> None:
        proxy = await tcp_proxy(redis_server.url)
        proxy.swallow()
        async with redis_client(proxy.url, timeout_seconds=0.05) as client:
            guesses = on_redis(client, clock)
            assert [await taken(guesses) for _ in range(3)] == [(1, True), (2, True), (2, False)]
            await proxy.heal()
            await taken(guesses)
            assert proxy.connections == 0
            clock.now += 1
            assert await taken(guesses) == (1, True)  # the shared count has seen none of this
