"""Access tokens revoked one by one, and the one look-up that says whether an access token lives."""

from datetime import UTC, datetime

from sqlalchemy import bindparam, exists, select

from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, revoked_tokens
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.token import AccessState, Epochs
from identity_service.domain.value_objects.ids import FamilyId, UserId


class SqlRevokedTokens:
    """`ports.RevokedTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, jti: str, *, expires_at: int) -> bool:
        row = {"jti": jti, "expires_at": datetime.fromtimestamp(expires_at, UTC)}
        return bool((await self._session.execute(insert_unless_there(revoked_tokens, row))).rowcount)

    async def access_state(
        self, *, jti: str, fid: FamilyId | None, user_id: UserId | None, client_id: str
    ) -> AccessState:
        """One statement; what is missing is inactive."""
        wanted = {"jti": jti, "fid": fid, "user_id": user_id, "client_id": client_id}
        row = (await self._session.execute(ACCESS_STATE, wanted)).one()
        return AccessState(
            current=Epochs(row.server_epoch, row.user_epoch or 0, row.client_epoch or 0),
            user_active=bool(row.user_active),
            client_active=bool(row.client_active),
            family_ended=fid is not None and (row.family_id is None or row.ended_at is not None),
            jti_revoked=row.jti_revoked,
            username=row.username,
        )


ACCESS_STATE = (
    select(
        server_state.c.epoch.label("server_epoch"),
        (clients.c.active & clients.c.deleted_at.is_(None)).label("client_active"),
        clients.c.epoch.label("client_epoch"),
        (users.c.active & users.c.deleted_at.is_(None)).label("user_active"),
        users.c.epoch.label("user_epoch"),
        users.c.username,
        families.c.id.label("family_id"),
        families.c.ended_at,
        exists().where(revoked_tokens.c.jti == bindparam("jti")).label("jti_revoked"),
    )
    .select_from(server_state)
    .outerjoin(clients, clients.c.client_id == bindparam("client_id"))
    .outerjoin(users, users.c.id == bindparam("user_id"))
    .outerjoin(families, families.c.id == bindparam("fid"))
    .where(server_state.c.id == 1)
)
