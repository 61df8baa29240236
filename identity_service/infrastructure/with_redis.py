"""What a Redis changes: attempts are counted across processes, and endings travel within milliseconds."""

import time
from typing import Any

from identity_service.adapters.memory.endings_carrier import NoEndingsCarrier
from identity_service.adapters.memory.quotas import MemoryQuotas, NoQuotas
from identity_service.adapters.memory.rate_limit import MemoryRateLimit, NoRateLimit
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.ports.cache.endings_carrier import EndingsCarrier
from identity_service.ports.cache.quotas import Quotas
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.security import KeyedDigest

# The adapters are imported where they are used: that takes a tenth of a second, and the embedded server needs neither.


def redis_of(settings: Settings) -> Any:
    """The client, None without REDIS_URL. Raises WrongSettings."""
    if not settings.redis_url:
        return None
    from identity_service.adapters.redis.client import redis_client

    try:
        return redis_client(settings.redis_url, timeout_seconds=settings.redis_timeout_seconds)
    except ValueError as error:
        raise WrongSettings(f"REDIS_URL: {error}") from None


def rate_limit(settings: Settings, redis: Any, digest: KeyedDigest) -> RateLimit:
    """Exact across processes with Redis, else in this process; none where RATE_LIMITS=off."""
    if settings.rate_limits == "off":
        return NoRateLimit()
    alone = MemoryRateLimit(time.monotonic)
    if redis is None:
        return alone
    from identity_service.adapters.redis.rate_limit import RedisRateLimit

    timeout = settings.redis_timeout_seconds
    return RedisRateLimit(redis, alone=alone, digest=digest, clock=time.monotonic, timeout_seconds=timeout)


def quotas(settings: Settings, redis: Any, digest: KeyedDigest) -> Quotas:
    """As `rate_limit`."""
    if settings.rate_limits == "off":
        return NoQuotas()
    alone = MemoryQuotas(time.monotonic)
    if redis is None:
        return alone
    from identity_service.adapters.redis.quotas import RedisQuotas

    timeout = settings.redis_timeout_seconds
    return RedisQuotas(redis, alone=alone, digest=digest, clock=time.monotonic, timeout_seconds=timeout)


def endings_carrier(settings: Settings, redis: Any, digest: KeyedDigest) -> EndingsCarrier:
    """The fast way for endings, if there is one."""
    if redis is None:
        return NoEndingsCarrier()
    from identity_service.adapters.redis.endings_carrier import RedisEndingsCarrier

    return RedisEndingsCarrier(redis, digest=digest, timeout_seconds=settings.redis_timeout_seconds)
