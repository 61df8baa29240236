"""Everything that differs between Postgres and SQLite."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Integer, Table, cast, literal, types
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.expression import FunctionElement

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now'"


def storable(text: str) -> bool:
    """Whether text can stand in a column at all: Postgres knows no NUL, and no database lone surrogates."""
    return _UNSTORABLE.search(text) is None


class UtcDateTime(types.TypeDecorator[datetime]):
    """A moment with zone. SQLite keeps it as UTC text of fixed width, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, and naive for SQLite, which has no zones."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class database_now(FunctionElement[datetime]):
    """The database's clock at the start of the statement."""

    inherit_cache = True
    type = UtcDateTime()


@compiles(database_now, "postgresql")
def _now_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return "statement_timestamp()"


@compiles(database_now, "sqlite")
def _now_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{SQLITE_NOW})"


class seconds_from_now(FunctionElement[datetime]):
    """The database's clock plus a number of seconds (negative ones lie in the past)."""

    inherit_cache = True
    type = UtcDateTime()

    def __init__(self, seconds: int | ColumnElement[int]) -> None:
        super().__init__(_seconds(seconds))


def _seconds(seconds: int | ColumnElement[int]) -> ColumnElement[int]:
    return cast(literal(seconds) if isinstance(seconds, int) else seconds, Integer)


@compiles(seconds_from_now, "postgresql")
def _later_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return f"statement_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)})"


@compiles(seconds_from_now, "sqlite")
def _later_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{SQLITE_NOW}, {compiler.process(element.clauses, **kw)} || ' seconds')"


class transaction_id(FunctionElement[int]):
    """The number of the writing transaction; SQLite has none and needs none: its sequence order is its commit order."""

    inherit_cache = True
    type = types.BigInteger()


@compiles(transaction_id, "postgresql")
def _xid_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


@compiles(transaction_id, "sqlite")
def _xid_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "0"


class ripe(FunctionElement[bool]):
    """Whether no transaction that began before the one with this number can still commit. A number that this snapshot
    cannot have seen came with a dump of another cluster, where it is over. On SQLite nothing unfinished is ever seen.
    """

    inherit_cache = True
    type = types.Boolean()

    def __init__(self, number: ColumnElement[int]) -> None:
        super().__init__(number)


@compiles(ripe, "postgresql")
def _ripe_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    number = compiler.process(element.clauses, **kw)
    bound = "pg_snapshot_{}(pg_current_snapshot())::text::bigint"
    return f"({number} < {bound.format('xmin')} OR {number} >= {bound.format('xmax')})"


@compiles(ripe, "sqlite")
def _ripe_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "1 = 1"


class hold(FunctionElement[None]):
    """Waits for whoever holds this text, and holds it until the transaction ends. On SQLite a transaction that writes
    holds everything."""

    inherit_cache = True
    type = types.NullType()

    def __init__(self, text: str) -> None:
        super().__init__(literal(text, types.Text()))


@compiles(hold, "postgresql")
def _hold_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return f"pg_advisory_xact_lock(hashtextextended({compiler.process(element.clauses, **kw)}, 0))"


@compiles(hold, "sqlite")
def _hold_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "NULL"


class uuid_text(FunctionElement[str]):
    """A UUID column as the text that it has outside: SQLite keeps 32 digits without hyphens."""

    inherit_cache = True
    type = types.Text()


@compiles(uuid_text, "postgresql")
def _uuid_postgres(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS TEXT)"


@compiles(uuid_text, "sqlite")
def _uuid_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column = compiler.process(element.clauses, **kw)
    parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({column}, {start}, {length})" for start, length in parts)


def insert_of(*, embedded: bool) -> Callable[[Table], Any]:
    """The `insert` that knows ON CONFLICT DO UPDATE, which SQLAlchemy has once for each database."""
    return sqlite.insert if embedded else postgresql.insert
