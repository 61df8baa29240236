"""The engine: one pool, short reads, and transactions that write."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import CursorResult, Executable, Row, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

from identity_service.adapters.sql.circuit import Circuit
from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.sqlite_files import make_private
from identity_service.adapters.sql.sqlite_threads import SqliteThreads
from identity_service.adapters.sql.witnesses import new_connection_heard, pool_heard


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseOptions:
    """Where the database is and how long anything may take (seconds).

    Unpooled, each session has a connection of its own and `pool_size` does not count.
    """

    url: str
    pool_size: int = 10
    pool_timeout: float = 5.0
    connect_timeout: float = 5.0
    statement_timeout: float = 5.0
    pooled: bool = True

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite, the database in a file."""
        return make_url(self.url).get_backend_name() == "sqlite"


class Session:
    """One connection in use. Failures come out as Conflict or StorageUnavailable."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Runs a statement. On hot paths it is made once, with `bindparam`: making one costs more than running it."""
        with translated():
            return await self._connection.execute(statement, parameters)

    async def first(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """The first row, or None."""
        return (await self.execute(statement, parameters)).first()

    async def commit(self) -> None:
        with translated(committing=True):
            await self._connection.commit()


class Database:
    """Owns the engine. `open()` lends a session for one transaction.

    On SQLite, writers queue up in the process, and readers have connections of their own without transactions: each
    statement there is a message to a thread, and a BEGIN and a ROLLBACK around one SELECT would be two more.
    """

    def __init__(self, options: DatabaseOptions) -> None:
        self.options = options
        self._writers = asyncio.Lock() if options.embedded else None
        self._threads = SqliteThreads()
        connect = self._threads.connect
        self.circuit = Circuit(
            new=lambda seconds: new_connection_heard(options.url, seconds),
            pooled=lambda seconds: pool_heard(self.engine, seconds),
            longest=options.connect_timeout,
        )
        self.engine = (
            _embedded_engine(options, connect) if options.embedded else _server_engine(options, self.circuit)
        )
        self.reading = _embedded_reading_engine(options, connect) if options.embedded else self.engine

    async def open(self, stack: AsyncExitStack, *, writing: bool) -> Session:
        """A session that is rolled back and given back when `stack` unwinds."""
        if writing and self._writers is not None:
            await stack.enter_async_context(self._writers)
        engine = self.engine if writing else self.reading
        with translated():
            connection = await stack.enter_async_context(engine.connect())
            if not writing and self._writers is None:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
        return Session(connection)

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections are in use now, and how many are open and idle."""
        pools = [engine.pool for engine in dict.fromkeys((self.engine, self.reading))]
        queues = [pool for pool in pools if isinstance(pool, QueuePool)]
        return sum(pool.checkedout() for pool in queues), sum(pool.checkedin() for pool in queues)

    async def close(self) -> None:
        """Closes every connection."""
        await self.circuit.close()
        await self.engine.dispose()
        await self.reading.dispose()
        await self._threads.ended()


def _pool(options: DatabaseOptions) -> dict[str, Any]:
    if not options.pooled:
        return {"poolclass": NullPool}
    return {
        "pool_size": options.pool_size,
        "max_overflow": 0,
        "pool_timeout": options.pool_timeout,
        "pool_use_lifo": True,
    }


def _server_engine(options: DatabaseOptions, circuit: Circuit) -> AsyncEngine:
    milliseconds = str(max(1, int(options.statement_timeout * 1000)))
    engine = create_async_engine(
        options.url,
        **_pool(options),
        hide_parameters=True,  # a trace in the log must not hold digests
        connect_args={
            "async_creator_fn": circuit.connect,
            "timeout": options.connect_timeout,
            "command_timeout": options.statement_timeout * 2,
            "server_settings": {
                "application_name": "identity-service",
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", partial(_check, circuit))
    return engine


def _check(circuit: Circuit, connection: Any, record: Any, proxy: Any) -> None:
    """A connection that ended while it waited in the pool is replaced, instead of failing somebody's request."""
    circuit.refuse()
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the connection was closed while it waited")


def _embedded_engine(options: DatabaseOptions, connect: Any, **special: Any) -> AsyncEngine:
    def connect_privately(database: str, **named: Any) -> Any:
        make_private(database)
        return connect(database, **named)

    engine = create_async_engine(
        options.url,
        **_pool(options),
        **special,
        hide_parameters=True,
        connect_args={"timeout": options.statement_timeout, "async_creator_fn": connect_privately},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    if not special:
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def _embedded_reading_engine(options: DatabaseOptions, connect: Any) -> AsyncEngine:
    return _embedded_engine(
        options,
        connect,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_reset_on_return=None,
    )


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """WAL, foreign keys, and transactions that say themselves how they begin."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
