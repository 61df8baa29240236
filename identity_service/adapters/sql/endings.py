"""The table of endings, read from its start to its end."""

from collections.abc import Sequence

from sqlalchemy import bindparam, or_, select

from identity_service.adapters.sql.schema.history import endings
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.tag import FAMILY, TOKEN
from identity_service.ports.repositories.endings import Ending


class SqlEndings:
    """`ports.Endings`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of_tokens(self, *, after: int, most: int) -> Sequence[Ending]:
        rows = await self._session.execute(OF_TOKENS, {"after": after, "most": most})
        return [Ending(row.sequence, row.tag) for row in rows]


OF_TOKENS = (
    select(endings.c.sequence, endings.c.tag)
    .where(
        endings.c.sequence > bindparam("after"),
        or_(
            endings.c.tag.startswith(TOKEN, autoescape=True),
            endings.c.tag.startswith(FAMILY, autoescape=True),
        ),
    )
    .order_by(endings.c.sequence)
    .limit(bindparam("most"))
)
