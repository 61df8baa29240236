"""What a process has drawn of its callers' quotas in advance, so that the fastest answers ask nobody.

A share is used up request by request. Before it is empty the next one is drawn in the background; when it is, whoever
comes waits for that, and is refused if there is nothing to draw.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence

from identity_service.application.admission.admission import ALLOWED, LIMITED, Tally
from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.domain.entities.client import Client
from identity_service.ports.cache.quotas import Charge, Quotas, Standing, Taken

MOST_SHARES = 10_000
PARTS = 20
"""A share is this part of what may come at once: so much may lie unused in a process, while others are refused."""
MOST_DRAWN = 2000
CLOSED_SECONDS = 0.1
"""How long nobody is asked again after there was nothing to draw."""


class _Share:
    __slots__ = ("client", "closed_until", "drawing", "left", "low", "refused")

    def __init__(self, client: Client) -> None:
        self.client = client
        self.left = 0
        self.low = 0
        self.closed_until = float("-inf")
        self.refused: Taken | None = None
        self.drawing: asyncio.Task[None] | None = None


class Shares:
    """Lets callers of one endpoint in. `clock` is seconds, monotonic."""

    def __init__(
        self,
        *,
        endpoint: str,
        quotas: Quotas,
        policy: PolicyInUse,
        tally: Tally,
        clock: Callable[[], float],
    ) -> None:
        self._endpoint = endpoint
        self._quotas = quotas
        self._policy = policy
        self._tally = tally
        self._clock = clock
        self._shares: OrderedDict[bytes, _Share] = OrderedDict()
        policy.on_replaced.append(self._shares.clear)

    def __len__(self) -> int:
        return len(self._shares)

    def spend(self, caller: KnownCaller) -> bool:
        """Lets one request in; False, and nothing is counted, where that takes more than what is here."""
        share = self._shares.get(caller.salt)
        if share is None or share.left <= 0:
            return self._first(caller)
        share.left -= 1
        if share.left == share.low:
            self._draw_ahead(share)
        return True

    async def take(self, client: Client) -> Taken:
        """Lets one request in, or says why not."""
        share = self._share(KnownCaller.of(client))
        while share.left <= 0:
            if share.refused is not None and self._clock() < share.closed_until:
                self._count_refused(share.refused)
                return share.refused
            await asyncio.shield(self._drawing(share))
        share.left -= 1
        return Taken(1, ())

    async def close(self) -> None:
        """Draws no more."""
        drawing = [share.drawing for share in self._shares.values() if share.drawing is not None]
        for task in drawing:
            task.cancel()
        await asyncio.gather(*drawing, return_exceptions=True)

    def _first(self, caller: KnownCaller) -> bool:
        share = self._share(caller)
        charges, most = self._charges(share.client)
        taken = self._quotas.take_at_once(charges, most=most)
        if taken is None or not taken.granted:
            return False
        self._put(share, taken, most)
        share.left -= 1
        return True

    def _share(self, caller: KnownCaller) -> _Share:
        share = self._shares.get(caller.salt)
        if share is None:
            share = self._shares[caller.salt] = _Share(caller.client)
            if len(self._shares) > MOST_SHARES:
                self._shares.popitem(last=False)
        share.client = caller.client
        self._shares.move_to_end(caller.salt)
        return share

    def _charges(self, client: Client) -> tuple[list[Charge], int]:
        """And how many are drawn at once: of a small quota one, so that it is kept to the letter."""
        own = self._policy.charges(self._endpoint, "client", client.client_id, tier=client.rate_limit_tier)
        charges = [*self._policy.charges(self._endpoint, "global", ""), *own]
        rooms = (charge.quota.room // PARTS for charge in charges)
        return charges, max(1, min((MOST_DRAWN, *rooms)))

    def _draw_ahead(self, share: _Share) -> None:
        if share.low:
            self._drawing(share)

    def _drawing(self, share: _Share) -> "asyncio.Task[None]":
        """One at a time for each share."""
        if share.drawing is None:
            share.drawing = asyncio.create_task(self._draw(share), name="quota share")
        return share.drawing

    async def _draw(self, share: _Share) -> None:
        try:
            charges, most = self._charges(share.client)
            taken = await self._quotas.take(charges, most=most, without=self._policy.policy.without_redis)
            self._put(share, taken, most)
        finally:
            share.drawing = None

    def _put(self, share: _Share, taken: Taken, most: int) -> None:
        if not taken.granted:
            share.refused, share.closed_until = taken, self._clock() + CLOSED_SECONDS
            return
        share.refused = None
        share.left += taken.granted
        share.low = most // 4
        self._tally.count(self._endpoint, "client", ALLOWED, taken.granted)

    def _count_refused(self, refused: Taken) -> None:
        if refused.refused_by is not None:
            self._tally.count(self._endpoint, refused.refused_by.level, LIMITED)


def told(standings: Sequence[Standing]) -> list[Standing]:
    """What callers may know of how quotas stand: nothing of what all share, which says how busy the server is."""
    return [standing for standing in standings if standing.quota.level != "global"]
