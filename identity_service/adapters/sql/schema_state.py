"""Whether the tables are those that this program was written for."""

import asyncio
from functools import cached_property

from alembic.script import ScriptDirectory

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.migrations import Migrations, config


class SqlSchema:
    """`ports.Schema` on a database of its own, so that it can be asked while every pooled connection is busy."""

    def __init__(self, database: Database) -> None:
        self._migrations = Migrations(database)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        """Every revision of ours, the newest first."""
        scripts = ScriptDirectory.from_config(config())
        return tuple(script.revision for script in scripts.walk_revisions())

    async def problem(self) -> str | None:
        """A revision that is not ours is a newer one: the program before an upgrade goes on while it is replaced."""
        found = await self._migrations.current()
        known = await asyncio.to_thread(lambda: self._known)
        if found == known[0] or (found is not None and found not in known):
            return None
        return f"migrations are behind ({found or 'none'} instead of {known[0]}): run `identity-service db upgrade`"
