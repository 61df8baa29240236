"""Leadership as a row with an end."""

from contextlib import AsyncExitStack

from sqlalchemy import Executable, delete

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.dialect import database_now, insert_of, seconds_from_now
from identity_service.adapters.sql.schema.keys import leases


class SqlLeases:
    """`ports.Leases`: one statement takes, prolongs or is refused."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = insert_of(embedded=database.options.embedded)

    async def take(self, name: str, *, holder: str, seconds: int) -> bool:
        until = seconds_from_now(seconds)
        fresh = self._insert(leases).values(name=name, holder=holder, until=until)
        statement = fresh.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"holder": holder, "until": until},
            where=(leases.c.until <= database_now()) | (leases.c.holder == holder),
        )
        return bool(await self._execute(statement))

    async def give_back(self, name: str, *, holder: str) -> None:
        await self._execute(delete(leases).where(leases.c.name == name, leases.c.holder == holder))

    async def _execute(self, statement: Executable) -> int:
        async with AsyncExitStack() as stack:
            session = await self._database.open(stack, writing=True)
            rows: int = (await session.execute(statement)).rowcount
            await session.commit()
        return rows
