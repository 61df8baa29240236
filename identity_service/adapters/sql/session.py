"""How repositories reach the database: statement by statement, with failures in the house's own words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from identity_service.adapters.sql.drivers import Unanswered
from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.hot_statements import HotStatement

T = TypeVar("T")


class Hot(Protocol):
    """Runs a hot statement without Core."""

    async def __call__(self, statement: HotStatement[T], parameters: Mapping[str, Any]) -> T: ...


class Session:
    """One connection in use. Failures come out as Conflict or StorageUnavailable."""

    def __init__(self, connection: AsyncConnection | None = None) -> None:
        self._connection = connection

    @property
    def embedded(self) -> bool:
        """Whether the transaction is one of SQLite's."""
        return self._connection is not None and self._connection.dialect.name == "sqlite"

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            raise RuntimeError("the session has no connection")
        return self._connection

    async def execute(
        self,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        """Runs a statement, once for each of several parameters.

        On hot paths it is made once, with `bindparam`: making one costs more than running it.
        """
        with translated():
            return await (self._connection or await self._connected()).execute(statement, parameters)

    async def first(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """The first row, or None."""
        return (await self.execute(statement, parameters)).first()

    async def hot(self, statement: HotStatement[T], parameters: Mapping[str, Any]) -> T:
        """What the statement makes of its rows; where others wrote before it in a transaction, it sees that."""
        return statement.make((await self.execute(statement.core, parameters)).all())

    async def commit(self) -> None:
        with translated(committing=True):
            await (await self._connected()).commit()


class ReadingSession(Session):
    """Statements without a transaction around them. A connection is taken when Core needs the first; hot statements
    need none of the session's own."""

    def __init__(self, connect: Callable[[], Awaitable[AsyncConnection]], hot: Hot) -> None:
        """`hot` may raise Unanswered: then Core is asked."""
        super().__init__()
        self._connect = connect
        self._hot = hot

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self._connect()
        return self._connection

    async def hot(self, statement: HotStatement[T], parameters: Mapping[str, Any]) -> T:
        if self._connection is not None:  # nobody waits for a second connection while holding one
            return await super().hot(statement, parameters)
        try:
            return await self._hot(statement, parameters)
        except Unanswered:
            return await super().hot(statement, parameters)
