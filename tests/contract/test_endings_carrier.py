"""Carrying endings from process to process: `ports.EndingsCarrier` in memory and on Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from redis.asyncio import Redis

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.adapters.memory.endings_carrier import (
    MemoryChannel,
    MemoryEndingsCarrier,
    NoEndingsCarrier,
)
from identity_service.adapters.redis.client import redis_client
from identity_service.adapters.redis.endings_carrier import CHANNEL, PURPOSE, RedisEndingsCarrier
from identity_service.ports.cache.endings_carrier import EndingsCarrier
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer

KEY = bytes(32)
Make = Callable[..., EndingsCarrier]
Proxied = Callable[[str], Awaitable[TcpProxy]]


class Ear:
    """Remembers what it heard, and can be waited for."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, tags: Sequence[str]) -> None:
        self.heard.extend(tags)
        self._more.set()

    async def until(self, tag: str) -> None:
        async with asyncio.timeout(10):
            while tag not in self.heard:
                await self._more.wait()
                self._more.clear()


async def connected(carrier: EndingsCarrier, state: str = "connected") -> None:
    for _ in range(1500):
        if carrier.state == state:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"still {carrier.state}")


class RedisCarriers:
    """Makes carriers, each with a client of its own, and closes them all."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[tuple[EndingsCarrier, Redis]] = []

    def __call__(self, *, url: str | None = None, key: bytes = KEY) -> RedisEndingsCarrier:
        client = redis_client(url or self.url, timeout_seconds=0.25)
        carrier = RedisEndingsCarrier(client, digest=HmacDigest(key), timeout_seconds=0.25)
        self._made.append((carrier, client))
        return carrier

    async def close(self) -> None:
        for carrier, client in self._made:
            await carrier.close()
            await client.aclose()


@pytest.fixture
async def redis_carriers(redis_server: RedisServer) -> AsyncIterator[RedisCarriers]:
    carriers = RedisCarriers(redis_server.url)
    yield carriers
    await carriers.close()


@pytest.fixture(params=["memory", "redis"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "redis":
        return request.getfixturevalue("redis_carriers")  # type: ignore[no-any-return]  # fixtures are untyped
    channel = MemoryChannel()
    return lambda: MemoryEndingsCarrier(channel)


async def test_what_one_publishes_the_others_hear_and_it_does_not_hear_itself(make: Make) -> None:
    carriers, ears = [make() for _ in range(3)], [Ear() for _ in range(3)]
    for carrier, ear in zip(carriers, ears, strict=True):
        await carrier.start(ear)
        await connected(carrier)
    carriers[0].publish(["user:1", "jti:ä"])
    carriers[1].publish(["last"])

    await ears[1].until("jti:ä")
    await ears[2].until("last")
    await ears[0].until("last")
    assert ears[0].heard == ["last"]
    assert ears[1].heard == ["user:1", "jti:ä"]


async def test_a_closed_one_hears_no_more(make: Make) -> None:
    one, other, ear = make(), make(), Ear()
    await one.start(ear)
    await other.start(Ear())
    await connected(one)
    await connected(other)
    await one.close()
    assert one.state == "away"
    other.publish(["user:1"])
    third, witness = make(), Ear()
    await third.start(witness)
    await connected(third)
    other.publish(["user:2"])
    await witness.until("user:2")

    assert ear.heard == []
    await third.close()
    await other.close()


async def test_where_there_is_nobody_to_carry_to_nothing_happens() -> None:
    carrier, ear = NoEndingsCarrier(), Ear()
    await carrier.start(ear)
    carrier.publish(["user:1"])
    await carrier.close()

    assert (carrier.state, ear.heard) == ("none", [])


class TestRedis:
    """What only a server can do to it."""

    async def test_a_message_without_our_mac_is_not_passed_on(
        self, redis_carriers: RedisCarriers, redis_server: RedisServer
    ) -> None:
        carrier, ear = redis_carriers(), Ear()
        await carrier.start(ear)
        await connected(carrier)
        stranger = redis_carriers(key=b"\1" * 32)
        await stranger.start(Ear())
        stranger.publish(["server"])
        async with redis_client(redis_server.url, timeout_seconds=1) as redis:
            forged = HmacDigest(b"\1" * 32).mac(PURPOSE, b"x" * 16 + b'["server"]')
            for message in (b"", b"x", b"\0" * 48 + b'["server"]', forged + b"x" * 16 + b'["server"]'):
                await redis.publish(CHANNEL, message)
            good = b"x" * 16 + b'["user:1"]'
            await redis.publish(CHANNEL, HmacDigest(KEY).mac(PURPOSE, good) + good)
        await ear.until("user:1")

        assert ear.heard == ["user:1"]

    async def test_publishing_neither_waits_nor_fails_while_redis_is_away(
        self, redis_carriers: RedisCarriers, redis_server: RedisServer
    ) -> None:
        await redis_server.stop()
        carrier = redis_carriers()
        await carrier.start(Ear())
        for number in range(20_000):
            carrier.publish([f"jti:{number}"])

        assert carrier.state == "away"
        assert len(carrier._queue) == 10_000

    async def test_it_comes_back_by_itself_after_a_restart(
        self, redis_carriers: RedisCarriers, redis_server: RedisServer
    ) -> None:
        one, other, ear = redis_carriers(), redis_carriers(), Ear()
        await one.start(ear)
        await other.start(Ear())
        await connected(one)
        await redis_server.stop()
        await connected(one, "away")
        await redis_server.start()
        await connected(one)
        await connected(other)
        other.publish(["user:1"])

        await ear.until("user:1")

    async def test_a_hanging_redis_does_not_hold_up_the_start_and_is_noticed(
        self, redis_carriers: RedisCarriers, redis_server: RedisServer, tcp_proxy: Proxied
    ) -> None:
        proxy = await tcp_proxy(redis_server.url)
        carrier = redis_carriers(url=proxy.url)
        await carrier.start(Ear())
        await connected(carrier)
        proxy.swallow()
        await connected(carrier, "away")
        fresh = redis_carriers(url=proxy.url)
        await fresh.start(Ear())
        fresh.publish(["user:1"])
        assert fresh.state == "away"
        await proxy.heal()

        await connected(fresh)
        await connected(carrier)
