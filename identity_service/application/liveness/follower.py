"""Follows the feed of endings, and says how far it may be trusted."""

import asyncio
import logging
from collections.abc import Callable

from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.lease import Lease
from identity_service.ports.repositories.endings import EndingsFeed, FeedRead
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 1.0
"""Between two attempts while the database is away."""
UNBROKEN_SECONDS = 60.0
"""After a longer gap between two reads everything is forgotten: rows of the feed are not kept for ever."""


class FeedFollower:
    """Reads the feed again and again, applies what is new, and then extends the lease.

    The first read, and one that reached another database server or timeline than the last, says nothing about what
    was looked up before it: everything remembered is dropped then.
    """

    def __init__(
        self,
        *,
        feed: EndingsFeed,
        endings: Endings,
        lease: Lease,
        clock: Callable[[], float],
        interval_seconds: float,
    ) -> None:
        self._feed = feed
        self._endings = endings
        self._lease = lease
        self._clock = clock
        self._interval = interval_seconds
        self._cursor: str | None = None
        self._origin = ""
        self._counted = 0.0
        self._failures = 0
        self._seen = False

    @property
    def asked(self) -> bool:
        """Whether a read has come to its end, well or not."""
        return self._seen or self._failures > 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            started = self._clock()
            await self.follow()
            await asyncio.sleep(max(0.0, started + self._pause() - self._clock()))

    async def follow(self) -> bool:
        """One read; False when it failed, which never raises: without a lease nothing remembered is used."""
        start = self._clock()
        try:
            read = await self._feed.read(self._cursor)
        except StorageUnavailable as away:
            self._failed(f"the feed of endings cannot be read, caches are bypassed: {away}")
            return False
        except Exception:
            log.exception("reading the feed of endings failed")
            self._failed("the feed of endings cannot be read, caches are bypassed")
            return False
        self._apply(read, start)
        if self._failures:
            log.info("the feed of endings is read again")
        self._seen, self._failures = True, 0
        return True

    def _apply(self, read: FeedRead, start: float) -> None:
        unbroken = (
            self._cursor is not None
            and read.origin == self._origin
            and start - self._counted <= UNBROKEN_SECONDS
        )
        if unbroken:
            self._endings.arrived(read.tags)
        else:
            self._endings.maybe_missed()
        self._cursor, self._origin, self._counted = read.cursor, read.origin, start
        self._lease.extend(start)

    def _failed(self, what: str) -> None:
        if not self._failures:
            log.warning("%s", what)
        self._failures += 1

    def _pause(self) -> float:
        doublings = max(0, min(self._failures, 10) - 1)
        return min(LONGEST_PAUSE_SECONDS, self._interval * float(2**doublings))
