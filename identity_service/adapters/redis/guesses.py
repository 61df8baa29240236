"""Counting guesses across processes, exactly."""

import logging
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from identity_service.adapters.redis.asking import Asking
from identity_service.ports.cache.guesses import Count, Guesses, Wanted
from identity_service.ports.security import KeyedDigest

log = logging.getLogger(__name__)

PURPOSE: Final = "guesses"
PREFIX: Final = b"identity-service:guesses:"

# One step each: no crash can leave a counter without an end, and of concurrent callers exactly so many find room.
TAKE: Final = """
local counts = {}
for at, key in ipairs(KEYS) do
  local most, number = tonumber(ARGV[2 * at]), tonumber(redis.call('GET', key) or 0)
  local taken = most < 0 or number < most
  if taken then
    number = redis.call('INCR', key)
    if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, ARGV[2 * at - 1]) end
  end
  counts[at] = {number, math.max(redis.call('PTTL', key), 1), taken and 1 or 0}
end
return counts
"""
GIVE_BACK: Final = """
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or 0) > 0 then redis.call('DECR', key) end
end
return 1
"""
REMEMBER: Final = """
for _, key in ipairs(KEYS) do redis.call('SET', key, 1, 'PX', ARGV[1]) end
return 1
"""
WITHOUT_LIMIT: Final = -1


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
        self._take, self._give_back, self._remember = (
            client.register_script(script) for script in (TAKE, GIVE_BACK, REMEMBER)
        )
        self._alone = alone
        self._digest = digest
        self._ask = Asking(log, what="guesses", clock=clock, timeout_seconds=timeout_seconds)

    async def take(self, *wanted: Wanted) -> tuple[Count, ...]:
        """Counts these, here or there."""
        numbers = [
            number
            for each in wanted
            for number in (each.per_seconds * 1000, WITHOUT_LIMIT if each.most is None else each.most)
        ]
        told = await self._asked(self._take, [each.key for each in wanted], numbers)
        if told is None:
            return await self._alone.take(*wanted)
        return tuple(
            Count(int(number), max(1, ceil(milliseconds / 1000)), bool(taken))
            for number, milliseconds, taken in told
        )

    async def give_back(self, *keys: str) -> None:
        """Takes one off each, here or there: where Redis went away in between, the one that it has counted stays."""
        if await self._asked(self._give_back, keys) is None:
            await self._alone.give_back(*keys)

    async def remember(self, *keys: str, for_seconds: int) -> None:
        """Keeps them there, and here for when Redis is away."""
        await self._asked(self._remember, keys, [for_seconds * 1000])
        await self._alone.remember(*keys, for_seconds=for_seconds)

    async def _asked(self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[int] = ()) -> Any:
        """What the script says; None where there is nobody to ask."""
        mac = self._digest.mac
        names = [PREFIX + mac(PURPOSE, key.encode("utf-8", "surrogatepass")) for key in keys]
        return await self._ask(script, names, arguments)
