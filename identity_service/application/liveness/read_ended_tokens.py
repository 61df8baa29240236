"""Reads the table of endings, so that a process knows every token and family that has ended."""

import asyncio
import logging
from contextlib import suppress

from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.trouble import Trouble
from identity_service.ports.unit_of_work import Read

log = logging.getLogger(__name__)

PAGE = 1000
"""Rows a statement; between two of them requests are served."""
READ_AGAIN_SECONDS = 3600.0
"""Endings that the table no longer holds are forgotten by reading it anew."""
RETRY_SECONDS = 1.0
PAUSE_SECONDS = 60.0
"""Before a table that was too long is tried again."""


class ReadEndedTokens:
    """Fills `EndedTokens` in the background, first when the feed has been read for the first time.

    A reading begins after the read of the feed that made it necessary, so each ending is in the table then, or comes
    with a later read of the feed. Rows may be read in any number of statements: they are added, and deleted only when
    every token they are about has run out.
    """

    def __init__(self, *, read: Read, tokens: EndedTokens, endings: Endings) -> None:
        self._read = read
        self._tokens = tokens
        self._endings = endings
        self._trouble = Trouble(
            log,
            failing="the ended tokens cannot be read, each new token is looked up",
            well="the ended tokens are read again",
        )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(READ_AGAIN_SECONDS):
                    await self._endings.tokens_unknown.wait()
            self._endings.tokens_unknown.clear()
            pause = await self._pause()
            if pause and not self._endings.tokens_unknown.is_set():
                await asyncio.sleep(pause)
                self._endings.tokens_unknown.set()

    async def _pause(self) -> float:
        """Reads; how long to wait before it has to be tried again, or 0."""
        try:
            complete = await self()
        except Exception as error:
            self._trouble.failed(error)
            return RETRY_SECONDS
        self._trouble.over()
        return 0.0 if complete else PAUSE_SECONDS

    async def __call__(self) -> bool:
        """One reading; False when there are too many, or something may have been missed meanwhile.

        Raises StorageUnavailable.
        """
        reading, last = self._tokens.begin(), 0
        while True:
            async with self._read() as uow:
                rows = await uow.endings.of_tokens(after=last, most=PAGE)
            if not self._tokens.load(reading, (row.tag for row in rows)):
                return False
            if len(rows) < PAGE:
                self._tokens.finish(reading)
                return True
            last = rows[-1].sequence
