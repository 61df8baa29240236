"""Counting attempts across processes, exactly."""

import logging
from collections.abc import Callable
from math import ceil

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from identity_service.adapters.redis.asking import Asking
from identity_service.ports.cache.rate_limit import RateLimit
from identity_service.ports.security import KeyedDigest

log = logging.getLogger(__name__)

PURPOSE = "rate-limit"
PREFIX = b"identity-service:attempts:"

# One step for counting and for the end of the window: no crash between them can leave a counter for ever.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
LOOK = "return {tonumber(redis.call('GET', KEYS[1]) or 0), redis.call('PTTL', KEYS[1])}"


class RedisRateLimit:
    """`ports.RateLimit` shared by all processes. While Redis is away or slow, `alone` counts for this process.

    Keys are kept as keyed digests: they may name people. `clock` is seconds, monotonic.
    """

    def __init__(
        self,
        client: Redis,
        *,
        alone: RateLimit,
        digest: KeyedDigest,
        clock: Callable[[], float],
        timeout_seconds: float,
    ) -> None:
        self._count = client.register_script(COUNT)
        self._look = client.register_script(LOOK)
        self._alone = alone
        self._digest = digest
        self._ask = Asking(log, what="attempts", clock=clock, timeout_seconds=timeout_seconds)

    async def blocked(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Looks, here or there."""
        seen = await self._shared(self._look, key, per_seconds)
        if seen is None:
            return await self._alone.blocked(key, limit=limit, per_seconds=per_seconds)
        count, milliseconds = seen
        return max(1, ceil(milliseconds / 1000)) if count >= limit else None

    async def hit(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Counts one attempt, here or there."""
        counted = await self._shared(self._count, key, per_seconds)
        if counted is None:
            return await self._alone.hit(key, limit=limit, per_seconds=per_seconds)
        count, milliseconds = counted
        return max(1, ceil(milliseconds / 1000)) if count > limit else None

    async def _shared(self, script: AsyncScript, key: str, per_seconds: int) -> tuple[int, int] | None:
        name = PREFIX + self._digest.mac(PURPOSE, key.encode("utf-8", "surrogatepass"))
        counted = await self._ask(script, [name], [per_seconds * 1000])
        return None if counted is None else (int(counted[0]), int(counted[1]))
