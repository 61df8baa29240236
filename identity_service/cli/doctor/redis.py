"""Does Redis answer, where one is configured?"""

import time
from typing import Any
from urllib.parse import urlsplit

from identity_service.cli.doctor.finding import Finding, fail, ok
from identity_service.infrastructure.config.settings import Settings

TIMEOUT_SECONDS = 2.0


async def check_redis(settings: Settings) -> Finding:
    """Redis may be away without harm to what is true, only to speed: but somebody wanted it to be there."""
    if not settings.redis_url:
        return ok("redis", "not configured: each process has caches and throttles of its own")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    name = _without_password(settings.redis_url)
    started = time.perf_counter()
    client: Any = Redis.from_url(
        settings.redis_url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    try:
        await client.ping()
    except (RedisError, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        mend = (
            "start Redis, correct REDIS_URL, or leave it empty: the server works without, on its own caches"
        )
        return fail("redis", f"{name} does not answer: {reason}", mend)
    finally:
        await client.aclose()
    return ok("redis", f"{name} answers in {(time.perf_counter() - started) * 1000:.0f} ms")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
