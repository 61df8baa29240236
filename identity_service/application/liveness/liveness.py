"""The part of an application instance that keeps its caches honest: what runs in the background for it."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.follower import FeedFollower
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.lease import Lease
from identity_service.application.liveness.read_ended_tokens import ReadEndedTokens
from identity_service.application.liveness.trouble import Trouble
from identity_service.ports.cache.endings_carrier import CarrierState, EndingsCarrier
from identity_service.ports.repositories.endings import EndingsFeed

log = logging.getLogger(__name__)

READ_AGAIN_SECONDS = 20.0
"""Before keys are read again without any news: the end of a retired key is told by nobody."""
RETRY_SECONDS = 1.0
"""Before keys that could not be read are tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessState:
    """How this process stands: whether the feed has answered or failed yet (`asked`), `feed_age` seconds since it last
    saw it (None: never), whether it trusts its caches (`in_sight`), and whether endings are carried quickly.
    """

    asked: bool
    feed_age: float | None
    in_sight: bool
    carrier: CarrierState


class Liveness:
    """Follows the feed, listens to the carrier, knows what has ended, and reads the signing keys when they changed."""

    def __init__(
        self,
        *,
        follower: FeedFollower,
        feed: EndingsFeed,
        carrier: EndingsCarrier,
        endings: Endings,
        lease: Lease,
        keys: KeysInUse,
        ended_tokens: ReadEndedTokens,
    ) -> None:
        self._follower = follower
        self._feed = feed
        self._carrier = carrier
        self._endings = endings
        self._lease = lease
        self._keys = keys
        self._ended_tokens = ended_tokens
        self._keys_trouble = Trouble(
            log, failing="the signing keys cannot be read", well="the signing keys are read again"
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Starts what runs in the background, and waits for nobody: without the feed caches are merely not used."""
        await self._carrier.start(self._endings.arrived)
        work = (self._follower.run(), self._keep_keys(), self._ended_tokens.run())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def close(self) -> None:
        """Ends it; a read of the keys that is under way is finished first, for its connection would be lost."""
        await self._keys.finished()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._carrier.close()
        await self._feed.close()

    @property
    def state(self) -> LivenessState:
        """As it is now."""
        return LivenessState(
            asked=self._follower.asked,
            feed_age=self._lease.age,
            in_sight=self._lease.held,
            carrier=self._carrier.state,
        )

    async def _keep_keys(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(READ_AGAIN_SECONDS):  # wait_for of Python 3.11 may swallow the end
                    await self._endings.keys_changed.wait()
            self._endings.keys_changed.clear()
            if not await self._read_keys():
                await asyncio.sleep(RETRY_SECONDS)
                self._endings.keys_changed.set()

    async def _read_keys(self) -> bool:
        try:
            await self._keys.read()
        except Exception as error:
            self._keys_trouble.failed(error)
            return False
        self._keys_trouble.over()
        return True
