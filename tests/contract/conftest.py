"""What the contracts of counters stand on: a clock of the test's own, and the run's Redis."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from identity_service.adapters.redis.client import redis_client
from tests.clock import Clock
from tests.servers.redis import PATIENCE, RedisServer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with redis_client(redis_server.url, timeout_seconds=PATIENCE) as client:
        yield client
