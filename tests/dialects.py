"""Lets the engines of one test process share what SQLAlchemy works out for each: how types adapt, how SQL is written.

A server has it done once and lives for months; a test's server lives for five requests, and would spend a third of
its time on it.
"""

from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite


class _Shared:
    """Hands out one dialect for each set of options; it keeps nothing of a connection or of a database."""

    own: ClassVar[type]
    made: ClassVar[dict[Any, Any]]
    compiled: ClassVar[dict[Any, Any]]

    def __new__(cls, **options: Any) -> Any:
        key = frozenset(
            item for item in options.items() if item[0] != "dbapi"
        )  # which wraps the driver's module
        if key not in cls.made:
            cls.made[key] = cls.own(**options)
        return cls.made[key]

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls.compiled)


class SharedPostgres(_Shared, PGDialect_asyncpg):
    own, made, compiled = PGDialect_asyncpg, {}, {}


class SharedSqlite(_Shared, SQLiteDialect_aiosqlite):
    own, made, compiled = SQLiteDialect_aiosqlite, {}, {}


def share() -> None:
    """From now on."""
    registry.register("postgresql.asyncpg", __name__, SharedPostgres.__name__)
    registry.register("sqlite.aiosqlite", __name__, SharedSqlite.__name__)
