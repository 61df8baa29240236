"""Brings a database to a revision of the schema. Alembic is loaded when something is to be migrated, not before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.failures import first_line, statement_is_wrong, translated
from identity_service.adapters.sql.revisions import current_revision, revisions, scripts

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x69647331
"""Names the Postgres lock that makes concurrent migrations wait for each other."""
PATIENCE = 3600.0
"""Seconds that one step of a migration, or the wait for somebody else's migration, may take."""


class MigrationFailed(Exception):
    """A migration cannot be applied to this database, which is as it was. The text is one line."""


def config(folder: Path | None = None) -> "Config":
    """Alembic's configuration, without a file; the migrations in `folder`, or ours."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(folder or scripts()).replace("%", "%%"))
    return made


def patient(options: DatabaseOptions) -> DatabaseOptions:
    """One connection on which a statement may take as long as a migration needs."""
    return replace(options, pool_size=1, statement_timeout=PATIENCE)


def one_at_a_time(connection: Connection) -> None:
    """Waits until nobody else migrates this database, and holds off others until the transaction ends.

    On SQLite the transaction itself does: it begins by taking the lock for writing.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))


class Migrations:
    """Moves the schema of one database. A migration happens whole or not at all."""

    def __init__(self, database: Database, *, folder: Path | None = None) -> None:
        self._database = database
        self._folder = folder

    async def upgrade(self, revision: str = "head") -> None:
        """Applies what is missing. Safe if several processes do it at once.

        Raises StorageUnavailable or MigrationFailed, and then has changed nothing.
        """
        from alembic import command

        await self._run(lambda made: command.upgrade(made, revision))

    async def downgrade(self, revision: str) -> None:
        """Takes migrations back, down to `revision` (`base`: everything)."""
        from alembic import command

        await self._run(lambda made: command.downgrade(made, revision))

    async def current(self) -> str | None:
        """The revision the database is at; None before the first."""
        with translated():
            async with self._database.engine.connect() as connection:
                return await connection.run_sync(current_revision)

    @staticmethod
    def head() -> str:
        """The revision that this program wants."""
        return revisions()[0]

    @staticmethod
    def knows(revision: str) -> bool:
        """Whether this program has that revision; a newer one may have made the database."""
        return revision in revisions()

    async def _run(self, action: Callable[["Config"], None]) -> None:
        def within(connection: Connection) -> None:
            made = config(self._folder)
            made.attributes["connection"] = connection
            try:
                action(made)
            except DBAPIError as error:
                if not statement_is_wrong(error):
                    raise
                raise MigrationFailed(
                    f"a migration failed and the database is as it was: {first_line(error)}"
                ) from error

        database = Database(patient(self._database.options))
        try:
            with translated():
                async with database.engine.connect() as connection:
                    await connection.run_sync(within)
                    await connection.commit()
        finally:
            await database.close()
