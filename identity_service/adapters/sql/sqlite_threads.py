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
        _closed_however_it_ends(connection)
        return connection

    async def ended(self) -> None:
        """Waits for the threads, when every connection was closed or cut off."""
        for thread in [thread for thread in self._threads if thread.is_alive()]:
            await asyncio.to_thread(thread.join, LONGEST_WAIT)


def _closed_however_it_ends(connection: Any) -> None:
    """What was opened for somebody who did not wait for it is closed as well, and not left to the collector."""
    opened: list[Any] = []
    connector, stop = connection._connector, connection.stop

    def opening() -> Any:
        opened.append(connector())
        return opened[-1]

    def closing() -> None:
        for each in opened:
            each.close()

    def stopping() -> Any:
        connection._tx.put_nowait((None, closing))
        return stop()

    connection._connector, connection.stop = opening, stopping
