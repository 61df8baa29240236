"""How Redis is spoken to: with short timeouts and no retries, because there is always a way without it."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

AWAY = (RedisError, OSError, TimeoutError)
"""What Redis being away, slow or out of order raises."""


def redis_client(url: str, *, timeout_seconds: float) -> Redis:
    """A client with a pool of its own, which connects when it is first used. Raises ValueError for a wrong URL."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
    )
