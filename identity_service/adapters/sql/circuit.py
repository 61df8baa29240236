"""When the database does not answer at all, requests are refused at once instead of each waiting in vain."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakSet

import asyncpg

from identity_service.adapters.sql.lateness import Lateness
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 0.25
LATEST_SECONDS = PATIENCE_SECONDS / 2
"""Whoever was later than that, in so short a time, was not listening."""
REFUSAL = "the database does not answer; requests are refused until it does"

Witness = Callable[[float], Awaitable[bool]]
"""Asks the database, and waits so many seconds; False when nothing at all was heard, not even a refusal."""


class Circuit:
    """Open while nothing is heard of the database. Whoever wants a connection then is refused.

    - It opens on three silences: a read of the feed, which raises the suspicion, a new connection, and one of the pool.
      Whatever answers, even with an error, leaves it closed: the feed's connection alone proves nothing.
    - What was not heard while this process itself stood still, or got no processor, is no silence either.
    - When it opens, the connections of the pool are cut off, and who waits for one or on one is refused as well.
    - While it is open one connection asks briefly, again and again, and one patiently, for a database that is slow
      rather than away. The first answer closes it.
    """

    def __init__(
        self,
        *,
        new: Witness,
        pooled: Witness,
        longest: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`longest` is how long (seconds) the patient one waits; `clock` tells whether we were late ourselves."""
        self._clock = clock
        self._new = new
        self._pooled = pooled
        self._longest = longest
        self._examining: asyncio.Task[None] | None = None
        self._connections: WeakSet[Any] = WeakSet()
        self._connecting: set[asyncio.Timeout] = set()
        self.is_open = False

    def refuse(self) -> None:
        """Raises StorageUnavailable while the circuit is open."""
        if self.is_open:
            raise StorageUnavailable(REFUSAL)

    async def connect(self, *arguments: Any, **options: Any) -> Any:
        """A connection for the pool, as asyncpg makes it. Raises StorageUnavailable, and what asyncpg raises."""
        self.refuse()
        async with asyncio.timeout(None) as patience:
            self._connecting.add(patience)
            try:
                connection = await asyncpg.connect(*arguments, **options)
            finally:
                self._connecting.discard(patience)
        self._connections.add(connection)
        return connection

    def suspect(self) -> None:
        """The database may not be there: it is asked in other ways, in the background."""
        if self._examining is None or self._examining.done():
            self._examining = asyncio.create_task(self._examine(), name="database circuit")

    async def close(self) -> None:
        """Ends the asking."""
        if self._examining is not None:
            self._examining.cancel()
            await asyncio.gather(self._examining, return_exceptions=True)

    async def _examine(self) -> None:
        asked = (self._new(PATIENCE_SECONDS), self._pooled(PATIENCE_SECONDS))
        async with Lateness(self._clock) as late:
            heard = await asyncio.gather(*asked, return_exceptions=True)
            listened = late.seconds <= LATEST_SECONDS
        for defect in heard:
            if isinstance(defect, BaseException):
                log.error("a defect keeps the database from being asked", exc_info=defect)
        if any(heard) or not listened:  # a defect of ours is no silence either; the feed will suspect again
            return
        self._open()
        asking = {
            asyncio.create_task(self._until_heard(seconds)) for seconds in (PATIENCE_SECONDS, self._longest)
        }
        try:
            await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        self.is_open = False
        log.info("the database answers again")

    async def _until_heard(self, seconds: float) -> None:
        while not await self._new(seconds):  # noqa: ASYNC110 - nobody but the database could set an event
            await asyncio.sleep(PAUSE_SECONDS)

    def _open(self) -> None:
        log.error("%s", REFUSAL)
        self.is_open = True
        for connection in tuple(self._connections):
            connection.terminate()
        for patience in tuple(self._connecting):
            patience.reschedule(0)
