"""Counting requests against quotas across processes, exactly."""

import logging
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from redis.asyncio import Redis

from identity_service.adapters.redis.asking import Asking
from identity_service.domain.services.quota import Quota
from identity_service.ports.cache.quotas import Charge, Quotas, Standing, Taken
from identity_service.ports.security import KeyedDigest

log = logging.getLogger(__name__)

PURPOSE = "quota"
PREFIX = b"identity-service:quota:"

# The arithmetic of domain/services/quota.py, function by function. All of it is one step of Redis, whose clock counts.
TAKE = """
local ROUNDING = 0.000001
local function whole(left) return math.max(0, math.floor(left + ROUNDING)) end

local bucket, sliding, fixed = {}, {}, {}

function bucket.settle(q, now, a, b)
  if not a then return q.burst, now, 0 end
  return math.min(q.burst, a + math.max(0, now - b) * q.limit / q.per), now, 0
end
function bucket.left(q, now, a) return a end
function bucket.spend(n, a, b) return a - n, b, 0 end
function bucket.wait(q, now, a) return math.max(0, 1 - a) * q.per / q.limit end
function bucket.reset(q, now, a) return (q.burst - a) * q.per / q.limit end

function sliding.settle(q, now, a, b, c)
  local begin = math.floor(now / q.per) * q.per
  if not a or math.abs(begin - a) > 1.5 * q.per then return begin, 0, 0 end
  if begin <= a then return a, b, c end
  return begin, 0, b
end
function sliding.left(q, now, a, b, c) return q.limit - b - c * (1 - math.min(1, math.max(0, now - a) / q.per)) end
function sliding.spend(n, a, b, c) return a, b + n, c end
function sliding.wait(q, now, a, b, c)
  local free = q.limit - 1
  if b <= free then
    if c == 0 then return 0 end
    return math.max(0, a + q.per * (1 - (free - b) / c) - now)
  end
  return a + q.per * (2 - free / b) - now
end
function sliding.reset(q, now, a, b, c)
  local windows = 0
  if b > 0 then windows = 2 elseif c > 0 then windows = 1 end
  return math.max(0, a + windows * q.per - now)
end

function fixed.settle(q, now, a, b)
  if not a or a <= now or a > now + q.per then return now + q.per, 0, 0 end
  return a, b, 0
end
function fixed.left(q, now, a, b) return q.limit - b end
function fixed.spend(n, a, b) return a, b + n, 0 end
function fixed.wait(q, now, a, b) if b < q.limit then return 0 end return a - now end
function fixed.reset(q, now, a) return a - now end

local KINDS = {token_bucket = bucket, sliding_window = sliding, fixed_window = fixed}

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local granted = tonumber(ARGV[1])
local found = {}
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  local q = {kind = KINDS[ARGV[at]], limit = tonumber(ARGV[at + 1]), per = tonumber(ARGV[at + 2]),
             burst = tonumber(ARGV[at + 3])}
  local a, b, c = string.match(redis.call('GET', key) or '', '^(%S+) (%S+) (%S+)$')
  q.a, q.b, q.c = q.kind.settle(q, now, tonumber(a), tonumber(b), tonumber(c))
  granted = math.min(granted, whole(q.kind.left(q, now, q.a, q.b, q.c)))
  found[i] = q
end
local answer = {granted}
for i, key in ipairs(KEYS) do
  local q, wait = found[i], 0
  if granted > 0 then
    q.a, q.b, q.c = q.kind.spend(granted, q.a, q.b, q.c)
  else
    wait = q.kind.wait(q, now, q.a, q.b, q.c)
  end
  local reset = q.kind.reset(q, now, q.a, q.b, q.c)
  if granted > 0 then
    local kept = string.format('%.17g %.17g %.17g', q.a, q.b, q.c)
    redis.call('SET', key, kept, 'PX', math.max(1, math.ceil(reset * 1000)))
  end
  table.insert(answer, whole(q.kind.left(q, now, q.a, q.b, q.c)))
  table.insert(answer, math.ceil(wait * 1000))
  table.insert(answer, math.ceil(reset * 1000))
end
return answer
"""


class RedisQuotas:
    """`ports.Quotas` shared by all processes. While Redis is away or slow, `alone` counts for this process.

    Keys are kept as keyed digests: they may name people. `clock` is seconds, monotonic.
    """

    def __init__(
        self,
        client: Redis,
        *,
        alone: Quotas,
        digest: KeyedDigest,
        clock: Callable[[], float],
        timeout_seconds: float,
    ) -> None:
        self._script = client.register_script(TAKE)
        self._alone = alone
        self._digest = digest
        self._ask = Asking(log, what="requests", clock=clock, timeout_seconds=timeout_seconds)

    async def take(self, charges: Sequence[Charge], *, most: int = 1, without: float = 1.0) -> Taken:
        """In one step of Redis."""
        if not charges:
            return Taken(most, ())
        keys = [self._key(charge) for charge in charges]
        arguments: list[Any] = [most]
        for quota, _ in charges:
            arguments += (quota.algorithm, quota.limit, quota.per_seconds, quota.burst)
        answer = await self._ask(self._script, keys, arguments)
        if answer is None:
            cut = [Charge(charge.quota.cut(without), charge.key) for charge in charges]
            return await self._alone.take(cut, most=most)
        return _taken([charge.quota for charge in charges], [int(number) for number in answer])

    def take_at_once(self, charges: Sequence[Charge], *, most: int = 1) -> Taken | None:
        """Redis has to be asked, where there is anything to ask."""
        return None if charges else Taken(most, ())

    def _key(self, charge: Charge) -> bytes:
        quota = charge.quota
        named = f"{quota.name} {quota.tier or ''} {quota.algorithm} {charge.key}"
        return PREFIX + self._digest.mac(PURPOSE, named.encode("utf-8", "surrogatepass"))


def _taken(quotas: Sequence[Quota], answer: Sequence[int]) -> Taken:
    granted, left, waits, resets = answer[0], answer[1::3], answer[2::3], answer[3::3]
    stand = zip(quotas, left, resets, strict=True)
    standings = tuple(Standing(quota, remaining, _seconds(reset)) for quota, remaining, reset in stand)
    if granted:
        return Taken(granted, standings)
    longest = max(waits)
    return Taken(0, standings, quotas[waits.index(longest)], _seconds(longest))


def _seconds(milliseconds: int) -> int:
    return max(1, ceil(milliseconds / 1000))
