"""Whose turn it is to write, where one writes at a time."""

import asyncio
from contextlib import AsyncExitStack

from identity_service.ports.unit_of_work import StorageUnavailable


class WritersTurn:
    """The queue of those who want to write to SQLite in this process: first come, first served.

    Each waits for its turn as long as for a connection of a pool, and no longer. Without that bound, whoever comes last
    would wait out the lock of another program once for each writer before it.
    """

    def __init__(self, *, timeout_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._writing = asyncio.Lock()

    async def take(self, stack: AsyncExitStack) -> None:
        """The turn ends when `stack` unwinds. Raises StorageUnavailable when it did not come in time."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._writing.acquire()
                stack.callback(self._writing.release)
        except TimeoutError:
            raise StorageUnavailable(f"the turn to write did not come within {self._timeout} s") from None
