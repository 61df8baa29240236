"""Where guesses are counted under these settings; part of the composition root."""

import time
from typing import Any

from identity_service.adapters.memory.guesses import MemoryGuesses, NoGuesses
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.cache.guesses import Guesses
from identity_service.ports.security import KeyedDigest


def guesses_of(settings: Settings, redis: Any, digest: KeyedDigest) -> Guesses:
    """Exact across processes with Redis, else in this process; not at all where RATE_LIMITS=off."""
    if settings.rate_limits == "off":
        return NoGuesses()
    alone = MemoryGuesses(time.monotonic)
    if redis is None:
        return alone
    from identity_service.adapters.redis.guesses import RedisGuesses  # a tenth of a second, where it is used

    timeout = settings.redis_timeout_seconds
    return RedisGuesses(redis, alone=alone, digest=digest, clock=time.monotonic, timeout_seconds=timeout)
