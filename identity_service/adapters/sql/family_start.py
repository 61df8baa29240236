"""The statements that start a token family, only under the epochs that the sign-in saw."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BindParameter, Integer, Table, bindparam, insert, select
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql.at_once import at_once
from identity_service.adapters.sql.dialect import database_now, insert_of, seconds_from_now
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.accounts import server_state, users
from identity_service.adapters.sql.schema.clients import clients
from identity_service.adapters.sql.schema.tokens import families, refresh_tokens
from identity_service.domain.entities.token import Family


def parameters(family: Family, first: bytes) -> dict[str, Any]:
    """For either way of starting; `first` is the digest of the first refresh token."""
    return {
        "id": family.id,
        "client_id": family.client_id,
        "user_id": family.user_id,
        "scope": str(family.scope),
        "audience": list(family.audience),
        "server_epoch": family.epochs.server,
        "user_epoch": family.epochs.user,
        "client_epoch": family.epochs.client,
        "auth_time": family.auth_time,
        "amr": list(family.amr),
        "subject": family.subject,
        "acr": family.acr,
        "session_id": family.session_id,
        "userinfo_claims": list(family.userinfo_claims) or None,
        "address": family.origin.address,
        "user_agent": family.origin.user_agent,
        "lifetime": family.lifetime_seconds,
        "first": first,
    }


def dead(family: Family, *, reason: str) -> dict[str, Any]:
    """The row of a family that has ended before it could start."""
    given = parameters(family, b"")
    lifetime = given.pop("lifetime")
    del given["first"]
    return given | {
        "created_at": database_now(),
        "expires_at": seconds_from_now(lifetime),
        "ended_at": database_now(),
        "ended_reason": reason,
    }


def _given(name: str) -> BindParameter[Any]:
    """A value of the new family, typed as its column is."""
    return bindparam(name, type_=families.c[name].type)


def _start(insert_: Callable[[Table], Any]) -> ReturningInsert[Any]:
    """An id that is taken (`Families.forbid`) refuses the family, as everything else does."""
    columns: dict[str, ColumnElement[Any]] = {
        "id": _given("id"),
        "client_id": clients.c.client_id,
        "user_id": users.c.id,
        "scope": _given("scope"),
        "audience": _given("audience"),
        "server_epoch": server_state.c.epoch,
        "user_epoch": users.c.epoch,
        "client_epoch": clients.c.epoch,
        "auth_time": _given("auth_time"),
        "amr": _given("amr"),
        "subject": _given("subject"),
        "acr": _given("acr"),
        "session_id": _given("session_id"),
        "userinfo_claims": _given("userinfo_claims"),
        "address": _given("address"),
        "user_agent": _given("user_agent"),
        "created_at": database_now(),
        "expires_at": seconds_from_now(bindparam("lifetime", type_=Integer)),
    }
    source = (
        select(*columns.values())
        .select_from(server_state)
        .join(users, users.c.id == bindparam("user_id"))
        .join(clients, clients.c.client_id == bindparam("client_id"))
        .where(
            users.c.active,
            users.c.deleted_at.is_(None),
            clients.c.active,
            clients.c.deleted_at.is_(None),
            server_state.c.epoch == bindparam("server_epoch"),
            users.c.epoch == bindparam("user_epoch"),
            clients.c.epoch == bindparam("client_epoch"),
        )
    )
    statement = insert_(families).from_select(list(columns), source).on_conflict_do_nothing()
    return statement.returning(families.c.id, families.c.expires_at)  # type: ignore[no-any-return]  # of either dialect


def _at_once() -> HotStatement[Any]:
    """The family and its first refresh token."""
    started = _start(insert_of(embedded=False)).cte("started")
    first = insert(refresh_tokens).from_select(
        ["digest", "family_id", "created_at"],
        select(bindparam("first", type_=refresh_tokens.c.digest.type), started.c.id, database_now()),
    )
    return at_once(started, first.cte("first_token"), answer=started.c.expires_at)


START = _start(insert_of(embedded=True))
AT_ONCE = _at_once()
