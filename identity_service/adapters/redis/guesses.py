"""Counting guesses across processes, exactly."""

import asyncio
import logging
from collections.abc import Callable
from math import ceil
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from identity_service.adapters.redis.client import AWAY
from identity_service.ports.cache.guesses import Count, Guesses
from identity_service.ports.security import KeyedDigest

log = logging.getLogger(__name__)

PURPOSE: Final = "guesses"
PREFIX: Final = b"identity-service:guesses:"
AGAIN_AFTER_SECONDS: Final = 1.0
"""How long Redis is left alone after it failed, so that a hanging one does not delay every sign-in."""

# One step each: no crash can leave a counter without an end, and of concurrent callers exactly so many find room.
TAKE: Final = """
local most, number = tonumber(ARGV[2]), tonumber(redis.call('GET', KEYS[1]) or 0)
local taken = most < 0 or number < most
if taken then
  number = redis.call('INCR', KEYS[1])
  if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
end
return {number, math.max(redis.call('PTTL', KEYS[1]), 1), taken and 1 or 0}
"""
GIVE_BACK: Final = """
if tonumber(redis.call('GET', KEYS[1]) or 0) > 0 then redis.call('DECR', KEYS[1]) end
return 1
"""
REMEMBER: Final = "redis.call('SET', KEYS[1], 1, 'PX', ARGV[1]) return 1"
REMEMBERS: Final = "return redis.call('EXISTS', KEYS[1])"


class RedisGuesses:
    """`ports.Guesses` shared by all processes. While Redis is away or slow, `alone` counts for this process.

    Keys are kept as keyed digests: they name people and addresses. `clock` is seconds, monotonic.
    """

    def __init__(
        self,
        client: Redis,
        *,
        alone: Guesses,
        digest: KeyedDigest,
        clock: Callable[[], float],
        timeout_seconds: float,
    ) -> None:
        self._take, self._give_back, self._remember, self._remembers = (
            client.register_script(script) for script in (TAKE, GIVE_BACK, REMEMBER, REMEMBERS)
        )
        self._alone = alone
        self._digest = digest
        self._clock = clock
        self._timeout = timeout_seconds
        self._quiet_until = float("-inf")
        self._away = False

    async def take(self, key: str, *, per_seconds: int, most: int | None = None) -> Count:
        """Counts one, here or there."""
        told = await self._ask(self._take, key, per_seconds * 1000, -1 if most is None else most)
        if told is None:
            return await self._alone.take(key, per_seconds=per_seconds, most=most)
        number, milliseconds, taken = told
        return Count(int(number), max(1, ceil(milliseconds / 1000)), bool(taken))

    async def give_back(self, key: str) -> None:
        """Takes one off, here or there: where Redis went away in between, the one that it has counted stays."""
        if await self._ask(self._give_back, key) is None:
            await self._alone.give_back(key)

    async def remember(self, key: str, *, for_seconds: int) -> None:
        """Keeps it there, and here for when Redis is away."""
        await self._ask(self._remember, key, for_seconds * 1000)
        await self._alone.remember(key, for_seconds=for_seconds)

    async def remembers(self, key: str) -> bool:
        """Whether it is kept there; here, where Redis cannot be asked."""
        told = await self._ask(self._remembers, key)
        return await self._alone.remembers(key) if told is None else bool(told)

    async def _ask(self, script: AsyncScript, key: str, *arguments: int) -> Any:
        """What the script says; None where there is nobody to ask."""
        if self._clock() < self._quiet_until:
            return None
        name = PREFIX + self._digest.mac(PURPOSE, key.encode("utf-8", "surrogatepass"))
        try:
            async with asyncio.timeout(self._timeout):
                told = await script(keys=[name], args=list(arguments))
        except AWAY as error:
            self._quiet_until = self._clock() + AGAIN_AFTER_SECONDS
            self._turn(away=True, because=error)
            return None
        self._turn(away=False)
        return told

    def _turn(self, *, away: bool, because: BaseException | None = None) -> None:
        """Says once that Redis went, and once that it came back."""
        if away and not self._away:
            log.warning("Redis is away (%s): guesses are counted per process", because or "no answer")
        if self._away and not away:
            log.info("guesses are counted across processes again")
        self._away = away
