"""Decides how a test gets a database of its own on a PostgreSQL, and when one may be used again."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from tests.servers.process import ServerFailed

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_BYTES = 2_000_000
"""Of tables: a database that a test has filled is not used again."""
SINGLE = ("server_state", "audit_head")
"""Tables of one row, which a migration makes."""
KEPT = ("alembic_version", *SINGLE)
"""Tables with rows from the beginning."""
_SCHEMA = """
SELECT md5(string_agg(part, '' ORDER BY part)) FROM (
    SELECT c::text AS part FROM pg_class c WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT a::text FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT c::text FROM pg_constraint c WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT t::text FROM pg_trigger t
    UNION ALL SELECT p::text FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT n::text FROM pg_namespace n WHERE nspname NOT LIKE 'pg%temp%'
    UNION ALL SELECT s::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
        WHERE datname = current_database()
    UNION ALL SELECT version_num FROM alembic_version
) parts
"""
_BYTES = (
    "SELECT coalesce(sum(pg_table_size(oid)), 0) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
)
_TABLES = "SELECT array_agg(tablename ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
_CUT_OFF = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"


class UsedAgain:
    """Databases that tests have given back, as empty as the template.

    Making one costs what dozens of small tests need, and so does the first connection to it.
    """

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self._free: list[str] = []
        self._state: tuple[str, dict[str, str], list[str]] | None = None

    def take(self) -> str | None:
        """A database's name, if there is one."""
        return self._free.pop() if self._free else None

    async def learn(self, template: str) -> None:
        """How a fresh copy of the template looks: its schema, and the single rows that say how the server stands."""
        if self._state is None:
            connection = await asyncpg.connect(plain_url(self.server_url, template))
            try:
                self._state = (
                    await connection.fetchval(_SCHEMA),
                    {
                        table: await connection.fetchval(f"SELECT row_to_json(s)::text FROM {table} s")
                        for table in SINGLE
                    },
                    [name for name in await connection.fetchval(_TABLES) if name not in KEPT],
                )
            finally:
                await connection.close()

    async def give_back(self, name: str) -> bool:
        """Empty it, for the next; False if it is not what it was, or there is nothing to compare it with."""
        if self._state is None:
            return False
        schema, single, tables = self._state
        await administer(self.server_url, (_CUT_OFF, name))
        connection = await asyncpg.connect(plain_url(self.server_url, name))
        try:
            if await connection.fetchval(_SCHEMA) != schema or await connection.fetchval(_BYTES) > MOST_BYTES:
                return False
            async with connection.transaction():
                await connection.execute("SET LOCAL session_replication_role = replica")  # in whatever order
                await connection.execute(";".join(f'DELETE FROM "{table}"' for table in (*tables, *SINGLE)))
                for table, row in single.items():
                    await connection.execute(
                        f"INSERT INTO {table} SELECT * FROM json_populate_record(NULL::{table}, $1)", row
                    )
        except asyncpg.PostgresError:  # a table is gone, or a test's own lock or trigger is in the way
            return False
        finally:
            await connection.close()
        self._free.append(name)
        return True

    async def drop(self) -> None:
        """Drop those that are left; for a server that stays."""
        names, self._free = self._free, []
        await administer(self.server_url, *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in names))


class Databases:
    """Gives out databases on a running server, and takes them back."""

    def __init__(
        self, server_url: str, template: Callable[[], Awaitable[str]], used: UsedAgain | None = None
    ) -> None:
        """Those with the newest schema come from `used` and go there, if it is given."""
        self._server_url = server_url
        self._template = template
        self._used = used
        self._made: list[str] = []
        self._lent: list[str] = []

    async def database(self, *, empty: bool = False) -> str:
        """The URL (`postgresql+asyncpg://…`) of a database that nobody else has, with the newest schema unless
        `empty`, and without rows."""
        if empty or self._used is None:
            name = await self._make("template0" if empty else await self._template())
            self._made.append(name)
        else:
            name = self._used.take() or await self._make(await self._template())
            self._lent.append(name)
        return database_url(self._server_url, name)

    async def _make(self, source: str) -> str:
        name = f"test_{secrets.token_hex(8)}"
        # Copied as files: half the work of writing each page into the log as well.
        await administer(self._server_url, f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        if self._used is not None and source != "template0":
            await self._used.learn(name)
        return name

    async def drop(self) -> None:
        """Take back what was given out, cutting open connections: what can be used again is, the rest is dropped."""
        names, lent = self._made, self._lent
        self._made, self._lent = [], []
        if self._used is not None:
            names += [name for name in lent if not await self._used.give_back(name)]
        if names:
            await administer(self._server_url, *(f'DROP DATABASE "{name}" WITH (FORCE)' for name in names))


class TemplateOn:
    """Builds, once, a database with the newest schema on a server, to be copied from then on."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._name: str | None = None

    async def __call__(self) -> str:
        """The template's name."""
        if self._name is None:
            name = f"template_{secrets.token_hex(8)}"
            await administer(self._server_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
            await asyncio.to_thread(migrate, database_url(self._server_url, name))
            self._name = name
        return self._name

    async def drop(self) -> None:
        """Drop it; for a server that stays."""
        if self._name is not None:
            await administer(self._server_url, f'DROP DATABASE "{self._name}" WITH (FORCE)')


def migrate(url: str) -> None:
    """Bring a database to the newest schema with `alembic upgrade head`, as an operator does.

    Raises:
        ServerFailed: the migrations failed.
    """
    log = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if log.returncode != 0:
        raise ServerFailed(f"alembic upgrade head failed: {log.stdout.strip()[-2000:]}")


async def administer(server_url: str, *statements: str | tuple[str, ...]) -> None:
    """Run statements one by one, each in its own transaction; one with arguments is a tuple."""
    connection = await asyncpg.connect(server_url)
    try:
        for statement in statements:
            await (
                connection.execute(statement) if isinstance(statement, str) else connection.fetch(*statement)
            )
    finally:
        await connection.close()


def database_url(server_url: str, name: str) -> str:
    """The URL of a database on a server, as SQLAlchemy takes it."""
    return urlunsplit(urlsplit(server_url)._replace(scheme="postgresql+asyncpg", path=f"/{name}"))


def plain_url(server_url: str, name: str) -> str:
    """The URL of a database on a server, as asyncpg takes it."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
