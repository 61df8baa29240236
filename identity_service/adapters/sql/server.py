"""The server's own epoch, the id of its master key, and the database's clock."""

from datetime import datetime

from sqlalchemy import func, select, update

from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.schema.accounts import server_state
from identity_service.adapters.sql.session import Session

STEP = 1000
"""After a restore the epoch has gone back; a step this long passes every number it had in between."""


class SqlServerState:
    """`ports.ServerState`; the row is made by the first migration."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def epoch(self) -> int:
        """The epoch that new tokens are made under."""
        return int((await self._session.execute(select(server_state.c.epoch))).scalar_one())

    async def raise_epoch(self) -> int:
        """A step on; everything made before is dead."""
        statement = (
            update(server_state).values(epoch=server_state.c.epoch + STEP).returning(server_state.c.epoch)
        )
        return int((await self._session.execute(statement)).scalar_one())

    async def pairwise_salt(self) -> bytes:
        """Made by a migration."""
        statement = select(server_state.c.pairwise_salt)
        return bytes((await self._session.execute(statement)).scalar_one())

    async def claim(self, master_key_id: str) -> str:
        kept = func.coalesce(server_state.c.master_key_id, master_key_id)
        statement = update(server_state).values(master_key_id=kept).returning(server_state.c.master_key_id)
        return str((await self._session.execute(statement)).scalar_one())

    async def change_master_key(self, former_id: str, new_id: str) -> bool:
        holds = func.coalesce(server_state.c.master_key_id, former_id) == former_id
        statement = update(server_state).where(holds).values(master_key_id=new_id)
        return bool((await self._session.execute(statement)).rowcount)

    async def master_key_id(self) -> str | None:
        found: str | None = (await self._session.execute(select(server_state.c.master_key_id))).scalar_one()
        return found

    async def now(self) -> datetime:
        """With zone."""
        moment: datetime = (await self._session.execute(select(database_now()))).scalar_one()
        return moment
