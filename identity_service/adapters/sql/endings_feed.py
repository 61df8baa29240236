"""The feed of endings on SQL: each database in its own way, on a connection of its own."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy.engine import make_url

from identity_service.adapters.sql.database import DatabaseOptions
from identity_service.adapters.sql.witnesses import asyncpg_arguments
from identity_service.ports.repositories.endings import EndingsFeed, FeedRead
from identity_service.ports.unit_of_work import StorageUnavailable

T = TypeVar("T")

TIMEOUT_SECONDS = 0.4
"""For one read: two of them and a pause fit into the lease."""
LONGEST_CONNECT_SECONDS = 2.0

# Where the read stands: its snapshot, and the server it asked. A standby has no current WAL position and fails.
STANDING = """
SELECT pg_current_snapshot()::text AS cursor,
       substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' ' || pg_postmaster_start_time()::text AS origin
"""
# Rows whose transaction the last snapshot could not see. Its xmin bounds the index scan from below: every transaction
# before it had ended. Sequence numbers would not do: they are taken before the commit, so a late one hides below.
# What this snapshot sees was written before its xmax; rows that say otherwise came with a dump of another cluster, and
# would be new to every read.
NEW_ROWS = """,
       ARRAY(SELECT DISTINCT tag FROM endings
             WHERE transaction_id >= $2
               AND transaction_id < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
               AND NOT pg_visible_in_snapshot(transaction_id::text::xid8, $1::text::pg_snapshot)) AS tags
"""

NEWEST_ROW = "SELECT sequence, tag FROM endings ORDER BY sequence DESC LIMIT 1"
LATER_ROWS = "SELECT sequence, tag FROM endings WHERE sequence > ? ORDER BY sequence"


def _unheeded() -> None:
    """Nobody wants to know of a silence."""


def endings_feed(options: DatabaseOptions, *, on_silence: Callable[[], None] = _unheeded) -> EndingsFeed:
    """The feed of this database; `on_silence` is told when a read was not answered at all."""
    return SqliteEndingsFeed(options) if options.embedded else PostgresEndingsFeed(options, on_silence)


class PostgresEndingsFeed:
    """`ports.EndingsFeed` on Postgres. The cursor is the text of a snapshot.

    Raw asyncpg, because a read that hangs has to be given up at once: the connection is aborted, not asked to end.
    """

    def __init__(self, options: DatabaseOptions, on_silence: Callable[[], None] = _unheeded) -> None:
        self._on_silence = on_silence
        self._arguments = asyncpg_arguments(options.url)
        self._connect_timeout = min(options.connect_timeout, LONGEST_CONNECT_SECONDS)
        self._connection: Any = None

    async def read(self, cursor: str | None) -> FeedRead:
        """One autocommit statement."""
        try:
            row = await self._row(cursor)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._abort()
            if isinstance(error, TimeoutError):
                self._on_silence()
            raise StorageUnavailable(str(error) or type(error).__name__) from error
        except BaseException:
            self._abort()
            raise
        return FeedRead(tags=tuple(row["tags"] if cursor else ()), cursor=row["cursor"], origin=row["origin"])

    async def close(self) -> None:
        self._abort()

    async def _row(self, cursor: str | None) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
        if cursor is None:
            asked = self._connection.fetchrow(STANDING)
        else:
            asked = self._connection.fetchrow(STANDING + NEW_ROWS, cursor, int(cursor.partition(":")[0]))
        return await self._within_timeout(asked)

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            **self._arguments,
            timeout=self._connect_timeout,
            server_settings={
                "application_name": "identity-service feed",
                "statement_timeout": str(int(TIMEOUT_SECONDS * 1000)),
                "idle_in_transaction_session_timeout": "1000",
            },
        )

    async def _within_timeout(self, asked: Awaitable[T]) -> T:
        """Not cancelled but cut off: asyncpg answers a cancellation by asking the server, which may hang as well."""
        reading = asyncio.ensure_future(asked)
        try:
            done, _ = await asyncio.wait((reading,), timeout=TIMEOUT_SECONDS)
        except asyncio.CancelledError:
            await self._cut_off(reading)
            raise
        if not done:
            await self._cut_off(reading)
            raise TimeoutError(f"no answer within {TIMEOUT_SECONDS} s")
        return reading.result()

    async def _cut_off(self, reading: "asyncio.Future[Any]") -> None:
        self._abort()
        await asyncio.gather(reading, return_exceptions=True)

    def _abort(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


class SqliteEndingsFeed:
    """`ports.EndingsFeed` on SQLite. Writers queue up there, so the order of the sequence is that of the commits.

    Works in threads, one at a time; a disk that hangs keeps the read waiting, and the lease runs out meanwhile.
    """

    def __init__(self, options: DatabaseOptions) -> None:
        self._file = Path(make_url(options.url).database or "").absolute().as_uri()
        self._connection: sqlite3.Connection | None = None
        self._in_use = threading.Lock()
        self._over = False

    async def read(self, cursor: str | None) -> FeedRead:
        """One autocommit statement; the origin is the file, whoever serves it."""
        try:
            rows = await asyncio.to_thread(self._rows, cursor)
        except sqlite3.Error as error:
            await asyncio.to_thread(self._close)
            raise StorageUnavailable(str(error)) from error
        last = str(rows[-1][0]) if rows else cursor or "0"
        tags = dict.fromkeys(row[1] for row in rows) if cursor else ()
        return FeedRead(tags=tuple(tags), cursor=last, origin="file")

    async def close(self) -> None:
        """For good: a read that still waits for a thread must not open what nobody would close."""
        self._over = True
        await asyncio.to_thread(self._close)

    def _rows(self, cursor: str | None) -> list[Any]:
        with self._in_use:
            if self._over:
                raise sqlite3.ProgrammingError("the feed is closed")
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"{self._file}?mode=rw",
                    uri=True,
                    timeout=TIMEOUT_SECONDS,
                    isolation_level=None,
                    check_same_thread=False,
                )
            if cursor is None:
                return self._connection.execute(NEWEST_ROW).fetchall()
            return self._connection.execute(LATER_ROWS, (int(cursor),)).fetchall()

    def _close(self) -> None:
        with self._in_use:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
