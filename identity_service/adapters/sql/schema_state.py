"""Whether the tables are those that this program was written for."""

import asyncio

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.failures import translated
from identity_service.adapters.sql.revisions import current_revision, revisions


class SqlSchema:
    """`ports.Schema` on a database of its own, so that it can be asked while every pooled connection is busy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def problem(self) -> str | None:
        """A revision that is not ours is a newer one: the program before an upgrade goes on while it is replaced."""
        with translated():
            async with self._database.engine.connect() as connection:
                found = await connection.run_sync(current_revision)
        known = await asyncio.to_thread(revisions)
        if found == known[0] or (found is not None and found not in known):
            return None
        return f"migrations are behind ({found or 'none'} instead of {known[0]}): run `identity-service db upgrade`"
