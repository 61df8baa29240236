"""Counts password hashes by what stands before their salt."""

from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, literal, select, union_all

from identity_service.adapters.sql.schema.accounts import users
from identity_service.adapters.sql.schema.clients import client_secrets
from identity_service.adapters.sql.session import Session
from identity_service.ports.repositories.password_stock import HashHeads

_BCRYPT_TAIL: Final = 22 + 31
_ARGON2_TAIL: Final = 22 + 1 + 43
"""Salt and digest of those that are made here."""


class SqlPasswordStock:
    """`ports.PasswordStock`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def heads(self) -> list[HashHeads]:
        of_users = select(literal("user").label("owner"), _head(users.c.password_hash).label("head")).where(
            users.c.password_hash.is_not(None), users.c.deleted_at.is_(None)
        )
        of_clients = select(literal("client"), _head(client_secrets.c.stored)).where(
            client_secrets.c.scheme == "password"
        )
        both = union_all(of_users, of_clients).subquery()
        statement = (
            select(both.c.owner, both.c.head, func.count().label("number"))
            .group_by(both.c.owner, both.c.head)
            .order_by(both.c.owner.desc(), func.count().desc(), both.c.head)
        )
        found = (await self._session.execute(statement)).mappings()
        return [HashHeads(row["owner"], row["head"], row["number"]) for row in found]


def _head(stored: ColumnElement[Any]) -> ColumnElement[Any]:
    return case(
        (stored.like("$identity$%$2b$%"), _without(stored, _BCRYPT_TAIL)),
        (stored.like("$identity$%$argon2id$%"), _without(stored, _ARGON2_TAIL)),
        (stored.like("$2_$%"), _without(stored, _BCRYPT_TAIL)),
        (stored.like("$argon2id$%"), "$argon2id$"),
        (stored.like("pbkdf2_sha256$%"), "pbkdf2_sha256$"),
        else_="",
    )


def _without(stored: ColumnElement[Any], tail: int) -> ColumnElement[Any]:
    return func.substr(stored, 1, func.length(stored) - tail)
