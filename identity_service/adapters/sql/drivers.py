"""The drivers without Core: where single statements of the token path go, and what becomes of a connection that fails.

Each statement is a transaction of its own. Nothing is sent but the statement: no BEGIN, no COMMIT, no reset when a
connection is given back, for none of these connections has a state that a statement could leave behind.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import asyncpg

from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.turns import Turns
from identity_service.ports.unit_of_work import StorageUnavailable

GOODBYE_SECONDS = 1.0


class Unanswered(Exception):
    """The shortcut failed. The statement only read, so the long way, by Core, may be taken as well."""


class Driver(Protocol):
    """A database that is spoken to without Core."""

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections are in use now, and how many are open and idle."""

    async def rows(self, text: str, arguments: Sequence[Any]) -> Sequence[Any]:
        """Raises StorageUnavailable, or what the driver raises; Unanswered, if Core should try."""

    async def close(self) -> None:
        """Closes what is open. Another statement would open it anew."""


class PostgresDriver:
    """A bounded pool of asyncpg connections, the last one given back first; each keeps its statements prepared."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Any]],
        *,
        refuse: Callable[[], None],
        size: int,
        timeout_seconds: float,
    ) -> None:
        """`connect()` makes a connection that has its own time limits, `refuse()` raises where none is to be used;
        `timeout_seconds` is the wait for a free one."""
        self._connect = connect
        self._refuse = refuse
        self._timeout = timeout_seconds
        self._turns = Turns(size, timeout_seconds=timeout_seconds)
        self._idle: list[Any] = []
        self._used = 0

    @property
    def connections(self) -> tuple[int, int]:
        return self._used, len(self._idle)

    async def rows(self, text: str, arguments: Sequence[Any]) -> Sequence[Any]:
        """One round trip, once the connection has prepared the statement."""
        self._refuse()
        if not self._turns.take():
            await self._wait_for_one()
        self._used += 1
        try:
            with translated():  # whatever the statement would have done, it was not sent
                connection = self._take() or await self._connect()
            return await self._answered(connection, text, arguments)
        finally:
            self._used -= 1
            self._turns.give_back()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            try:
                await connection.close(timeout=GOODBYE_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()

    async def _wait_for_one(self) -> None:
        try:
            await self._turns.wait()
        except TimeoutError:
            raise StorageUnavailable(f"no connection became free within {self._timeout} s") from None
        try:
            self._refuse()
        except BaseException:
            self._turns.give_back()
            raise

    def _take(self) -> Any:
        """An idle connection, if there is one that did not end meanwhile."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return None

    async def _answered(self, connection: Any, text: str, arguments: Sequence[Any]) -> Sequence[Any]:
        """What did not answer is not asked again; its neighbours are likely to have lost the same server."""
        try:
            rows: Sequence[Any] = await connection.fetch(text, *arguments)
        except asyncpg.PostgresError as error:
            if error.severity_en == "ERROR":  # FATAL and PANIC end the connection, if not at once
                self._idle.append(connection)
            else:
                connection.terminate()
            raise
        except asyncio.CancelledError:
            connection.terminate()
            raise
        except BaseException:
            for lost in (connection, *self._idle):
                lost.terminate()
            self._idle.clear()
            raise
        self._idle.append(connection)
        return rows


class SqliteDriver:
    """One connection that reads, in aiosqlite's thread: one message to it, where Core takes four.

    Readers of a WAL wait for nobody, and one thread reads as fast as several would.
    """

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        self._connect = connect
        self._connection: Any = None
        self._opening = asyncio.Lock()

    @property
    def connections(self) -> tuple[int, int]:
        return 0, int(self._connection is not None)

    async def rows(self, text: str, arguments: Sequence[Any]) -> Sequence[Any]:
        """Raises Unanswered whatever the trouble is: Core knows better how to tell it."""
        try:
            connection = self._connection or await self._open()
            rows: Sequence[Any] = await connection.execute_fetchall(text, arguments)
        except (sqlite3.Error, ValueError) as error:  # ValueError: the connection was closed meanwhile
            await self.close()
            raise Unanswered from error
        return rows

    async def _open(self) -> Any:
        async with self._opening:
            if self._connection is None:
                self._connection = await self._connect()
            return self._connection

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
