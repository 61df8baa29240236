"""Access tokens revoked one by one, and the one look-up that says whether an access token lives."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Label, Row, Text, bindparam, func, select
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.json_rows import (
    json_elements,
    member_integer,
    member_text,
    member_uuid,
    plain_uuid,
)
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, revoked_tokens
from identity_service.adapters.sql.session import Session
from identity_service.adapters.sql.upsert import insert_unless_there
from identity_service.domain.entities.token import AccessState, Epochs, TokenTies
from identity_service.domain.value_objects.ids import UserId


class SqlRevokedTokens:
    """`ports.RevokedTokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, jti: str, *, expires_at: int) -> bool:
        row = {"jti": jti, "expires_at": datetime.fromtimestamp(expires_at, UTC)}
        return bool((await self._session.execute(insert_unless_there(revoked_tokens, row))).rowcount)

    async def access_states(self, wanted: Sequence[TokenTies]) -> list[AccessState]:
        """One statement however many are wanted; what is missing is inactive."""
        listed = [
            {
                "n": n,
                "jti": ties.jti,
                "fid": plain_uuid(ties.fid),
                "user_id": plain_uuid(ties.user_id),
                "client_id": ties.client_id,
            }
            for n, ties in enumerate(wanted)
        ]
        rows = await self._session.execute(ACCESS_STATES, {"wanted": json.dumps(listed)})
        found = {row.n: row for row in rows}
        return [_state(found[n], ties) for n, ties in enumerate(wanted)]


def _state(row: Row[Any], ties: TokenTies) -> AccessState:
    return AccessState(
        current=Epochs(row.server_epoch, row.user_epoch or 0, row.client_epoch or 0),
        user_active=bool(row.user_active),
        client_active=bool(row.client_active),
        family_ended=ties.fid is not None and not row.family_open,
        jti_revoked=row.revoked_jti is not None,
        username=row.username,
        user_id=None if row.user_id is None else UserId(row.user_id),
    )


_WANTED = json_elements(bindparam("wanted", type_=Text)).table_valued("value", name="wanted")
_OF_ONE = _WANTED.c.value


def _found(value: ColumnElement[Any], key: Column[Any], wanted: ColumnElement[Any], name: str) -> Label[Any]:
    """Each on its own by its key: a join could be planned as reading the table whole."""
    return select(value).where(key == wanted).scalar_subquery().label(name)


_CLIENT = (clients.c.client_id, member_text(_OF_ONE, "client_id"))
_FAMILY = (families.c.id, member_uuid(_OF_ONE, "fid"))
_OF_FAMILY = (
    select(families.c.user_id).where(_FAMILY[0] == _FAMILY[1]).correlate(_WANTED).scalar_subquery()
)  # of a pairwise client's token
_USER = (users.c.id, func.coalesce(member_uuid(_OF_ONE, "user_id"), _OF_FAMILY))
_TOKEN = (revoked_tokens.c.jti, member_text(_OF_ONE, "jti"))
ACCESS_STATES = select(
    member_integer(_OF_ONE, "n").label("n"),
    select(server_state.c.epoch).where(server_state.c.id == 1).scalar_subquery().label("server_epoch"),
    _found(clients.c.active & clients.c.deleted_at.is_(None), *_CLIENT, "client_active"),
    _found(clients.c.epoch, *_CLIENT, "client_epoch"),
    _found(users.c.active & users.c.deleted_at.is_(None), *_USER, "user_active"),
    _found(users.c.epoch, *_USER, "user_epoch"),
    _found(users.c.username, *_USER, "username"),
    _found(users.c.id, *_USER, "user_id"),
    _found(families.c.ended_at.is_(None), *_FAMILY, "family_open"),
    _found(revoked_tokens.c.jti, *_TOKEN, "revoked_jti"),
).select_from(_WANTED)
