"""A database and its units of work, for tests of what needs no server around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from tests import dialects

dialects.share()


class Storage:
    """`begin` and `read` are the ports `Begin` and `Read`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, writing=True, on_endings=lambda tags: None)

    def read(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, writing=False, on_endings=lambda tags: None)


@asynccontextmanager
async def storage_at(url: str, *, connections: int = 10) -> AsyncIterator[Storage]:
    """Over a database that is migrated already."""
    database = Database(DatabaseOptions(url=url, pool_size=connections))
    try:
        yield Storage(database)
    finally:
        await database.close()
