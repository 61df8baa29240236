"""Connections to SQLite end before the event loop does."""

import asyncio
from threading import Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    import aiosqlite

LONGEST_WAIT = 10.0
"""Seconds; longer than any statement may take. The threads are daemons: they do not keep a process alive."""


class SqliteThreads:
    """Opens connections and remembers the thread that each of them has.

    aiosqlite ends the thread of a connection that was cut off, or could not be opened, without waiting for it; a thread
    that then finds the loop closed dies with a traceback.
    """

    def __init__(self) -> None:
        self._threads: WeakSet[Thread] = WeakSet()

    def connect(self, *arguments: Any, **options: Any) -> "aiosqlite.Connection":
        """As `aiosqlite.connect`: to be awaited."""
        import aiosqlite  # a megabyte, which no worker on a server database needs

        connection = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True  # as SQLAlchemy does; there is no public name for it
        self._threads.add(connection._thread)
        return connection

    async def ended(self) -> None:
        """Waits for the threads, when every connection was closed or cut off."""
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            await asyncio.to_thread(thread.join, LONGEST_WAIT)
