"""Brings a database to a revision of the schema."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.failures import translated

PACKAGE = Path(__file__).parents[2]
LOCK = 0x69647331
"""Names the Postgres lock that makes concurrent migrations wait for each other."""


def scripts() -> Path:
    """Where the migrations are: in the installed package, or beside it in a checkout."""
    installed = PACKAGE / "migrations"
    return installed if installed.is_dir() else PACKAGE.parent / "alembic"


def config() -> Config:
    """Alembic's configuration, without a file."""
    made = Config()
    made.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    return made


class Migrations:
    """Moves the schema of one database. A migration happens whole or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def upgrade(self, revision: str = "head") -> None:
        """Applies what is missing. Safe if several processes do it at once. Raises StorageUnavailable."""
        await self._run(lambda made: command.upgrade(made, revision))

    async def downgrade(self, revision: str) -> None:
        """Takes migrations back, down to `revision` (`base`: everything)."""
        await self._run(lambda made: command.downgrade(made, revision))

    async def current(self) -> str | None:
        """The revision the database is at; None before the first."""
        with translated():
            async with self._database.engine.connect() as connection:
                return await connection.run_sync(
                    lambda sync: MigrationContext.configure(sync).get_current_revision()
                )

    @staticmethod
    def head() -> str:
        """The revision that this program wants."""
        found = ScriptDirectory.from_config(config()).get_current_head()
        if found is None:
            raise RuntimeError("the migrations are missing from this installation")
        return found

    @staticmethod
    def knows(revision: str) -> bool:
        """Whether this program has that revision; a newer one may have made the database."""
        return any(
            known.revision == revision for known in ScriptDirectory.from_config(config()).walk_revisions()
        )

    async def _run(self, action: Callable[[Config], None]) -> None:
        def within(connection: Connection) -> Any:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            made = config()
            made.attributes["connection"] = connection
            action(made)

        with translated():
            async with self._database.engine.connect() as connection:
                await connection.run_sync(within)
                await connection.commit()
