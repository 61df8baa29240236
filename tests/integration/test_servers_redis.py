"""The Redis fixture keeps what it promises."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.servers.redis import RedisServer


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_each_test_finds_it_empty(redis_server: RedisServer, turn: str) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        assert await redis.dbsize() == 0
        await redis.set(turn, "left behind")


async def test_a_stopped_server_refuses_connections_until_it_is_started_empty(
    redis_server: RedisServer,
) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        await redis.set("a", "1")
        await redis_server.stop()
        with pytest.raises(RedisConnectionError):
            await redis.ping()
        await redis_server.start()
        assert await redis.get("a") is None


async def test_a_paused_server_accepts_and_answers_only_once_it_is_resumed(redis_server: RedisServer) -> None:
    redis_server.pause()
    reader, writer = await asyncio.open_connection(redis_server.host, redis_server.port)
    writer.write(b"PING\r\n")
    answer = asyncio.ensure_future(reader.readline())
    done, _ = await asyncio.wait([answer], timeout=0.1)
    assert not done
    redis_server.resume()
    assert await answer == b"+PONG\r\n"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("left", ["paused", "killed", "stopped"])
async def test_the_next_test_finds_it_running_however_it_was_left(
    redis_server: RedisServer, left: str
) -> None:
    if left == "paused":
        redis_server.pause()
    elif left == "killed":
        redis_server.kill()
    else:
        await redis_server.stop()
    redis_server.make_fresh()
    async with Redis.from_url(redis_server.url) as redis:
        assert await redis.ping()
