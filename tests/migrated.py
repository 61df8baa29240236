"""Migrated SQLite databases: migrated once in a process, then copied."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.migrations import Migrations


def migrate_sqlite(path: Path) -> None:
    """Make `path` a database at the newest revision, whole in one file."""

    async def upgrade() -> None:
        database = Database(DatabaseOptions(url=f"sqlite+aiosqlite:///{path}"))
        await Migrations(database).upgrade()
        await database.close()

    asyncio.run(upgrade())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def copy_of(template: Path, folder: Path) -> str:
    """The URL of a copy of the template in this folder."""
    target = folder / "identity.sqlite3"
    shutil.copy(template, target)
    return f"sqlite+aiosqlite:///{target}"
