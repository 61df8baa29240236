"""What was signed and used, by a digest that is there once."""

from datetime import UTC, datetime

from identity_service.adapters.sql.schema.tokens import spent_jtis
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there


class SqlSpentJtis:
    """`ports.SpentJtis`: the primary key names the winner."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def spend(self, digest: bytes, *, until: int) -> bool:
        row = {"digest": digest, "expires_at": datetime.fromtimestamp(until, UTC)}
        return bool((await self._session.execute(insert_unless_there(spent_jtis, row))).rowcount)
