"""The engine: one pool, short reads, and transactions that write."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

from identity_service.adapters.sql.circuit import Circuit
from identity_service.adapters.sql.drivers import Driver, PostgresDriver, SqliteDriver, Unanswered
from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.session import ReadingSession, Session
from identity_service.adapters.sql.sqlite_files import make_private
from identity_service.adapters.sql.sqlite_threads import SqliteThreads
from identity_service.adapters.sql.witnesses import asyncpg_arguments, new_connection_heard, pool_heard
from identity_service.adapters.sql.writers_turn import WritersTurn

T = TypeVar("T")


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


class Connections(NamedTuple):
    """How many connections of a pool are in use, are open and idle, and how many there may be."""

    used: int
    idle: int
    most: int


class Database:
    """Owns the engine. `open()` lends a session for one transaction.

    On SQLite, writers queue up in the process, and readers have connections of their own without transactions: each
    statement there is a message to a thread, and a BEGIN and a ROLLBACK around one SELECT would be two more.
    """

    def __init__(self, options: DatabaseOptions) -> None:
        self.options = options
        self._writers = WritersTurn(timeout_seconds=options.pool_timeout) if options.embedded else None
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
        self.driver = _driver(options, connect, self.circuit) if options.pooled else None

    async def open(self, stack: AsyncExitStack, *, writing: bool) -> Session:
        """A session that is rolled back and given back when `stack` unwinds. Raises StorageUnavailable."""
        if not writing:
            return ReadingSession(partial(self._connect_reading, stack), self._hot)
        if self._writers is not None:
            await self._writers.take(stack)
        with translated():
            return Session(await stack.enter_async_context(self.engine.connect()))

    async def _connect_reading(self, stack: AsyncExitStack) -> AsyncConnection:
        """A connection on which each statement is a transaction of its own."""
        with translated():
            connection = await stack.enter_async_context(self.reading.connect())
            if self._writers is None:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection

    async def change(self, statement: HotStatement[T], parameters: Mapping[str, Any]) -> T:
        """Runs a statement that is a transaction of its own, on Postgres. Raises StorageUnavailable, `in_doubt` when
        the connection broke meanwhile."""
        return await self._run(statement, parameters, committing=True)

    async def _hot(self, statement: HotStatement[T], parameters: Mapping[str, Any]) -> T:
        """Raises StorageUnavailable; Unanswered, if the statement should be run with Core."""
        return await self._run(statement, parameters, committing=False)

    async def _run(self, statement: HotStatement[T], parameters: Mapping[str, Any], *, committing: bool) -> T:
        if self.driver is None:
            raise Unanswered
        compiled = statement.compiled(self.engine.dialect)
        arguments = compiled.arguments(parameters)
        with translated(committing=committing):
            rows = await self.driver.rows(compiled.text, arguments)
        return compiled.make(arguments, rows)

    @property
    def connections(self) -> dict[str, Connections]:
        """How the pools stand: that of transactions, and that of single statements."""
        pools = [engine.pool for engine in dict.fromkeys((self.engine, self.reading))]
        queues = [pool for pool in pools if isinstance(pool, QueuePool)]
        used, idle = sum(pool.checkedout() for pool in queues), sum(pool.checkedin() for pool in queues)
        found = {"transactions": Connections(used, idle, len(queues) * self.options.pool_size)}
        if self.driver is not None:
            most = 1 if self.options.embedded else self.options.pool_size
            found["statements"] = Connections(*self.driver.connections, most)
        return found

    async def close(self) -> None:
        """Closes every connection."""
        await self.circuit.close()
        if self.driver is not None:
            await self.driver.close()
        await self.engine.dispose()
        await self.reading.dispose()
        await self._threads.ended()


def _driver(options: DatabaseOptions, connect: Any, circuit: Circuit) -> Driver:
    if options.embedded:
        file = make_url(options.url).database or ""
        return SqliteDriver(partial(connect, file, timeout=options.statement_timeout, isolation_level=None))
    return PostgresDriver(
        partial(circuit.connect, **(asyncpg_arguments(options.url) | _limits(options))),
        refuse=circuit.refuse,
        size=options.pool_size,
        timeout_seconds=options.pool_timeout,
    )


def _limits(options: DatabaseOptions) -> dict[str, Any]:
    """For asyncpg. The database ends a statement that takes too long; where it does not, the driver does."""
    milliseconds = str(max(1, int(options.statement_timeout * 1000)))
    return {
        "timeout": options.connect_timeout,
        "command_timeout": options.statement_timeout * 2,
        "server_settings": {
            "application_name": "identity-service",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
        },
    }


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
    engine = create_async_engine(
        options.url,
        **_pool(options),
        hide_parameters=True,  # a trace in the log must not hold digests
        connect_args=_limits(options) | {"async_creator_fn": circuit.connect},
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
