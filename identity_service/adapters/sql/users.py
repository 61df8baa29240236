"""People's accounts."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from identity_service.adapters.sql import dialect
from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.paging import page
from identity_service.adapters.sql.schema.accounts import principals, users
from identity_service.adapters.sql.session import Session
from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.ids import UserId
from identity_service.domain.value_objects.profile import PROFILE_MEMBERS, Address, Profile
from identity_service.domain.value_objects.username import Username
from identity_service.ports.repositories.users import UserQuery

SORTS = {"created_at": users.c.created_at, "username": users.c.username_key}


class SqlUsers:
    """`ports.Users`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, user_id: UserId, *, lock: bool = False) -> User | None:
        return await self._one(users.c.id == user_id, lock=lock)

    async def by_username(self, key: str, *, hold: bool = False) -> User | None:
        await self._hold(key, hold)
        return await self._one(users.c.username_key == key)

    async def by_verified_email(self, key: str, *, hold: bool = False) -> User | None:
        await self._hold(key, hold)
        return await self._one((users.c.email_key == key) & users.c.email_verified)

    async def page(self, query: UserQuery) -> list[User]:
        statement = page(
            _filtered(query),
            sort=query.sort,
            columns=SORTS,
            key=users.c.id,
            after=query.after,
            limit=query.limit,
        )
        return [_user(row) for row in await self._session.execute(statement)]

    async def add(self, user: User) -> User:
        await self._session.execute(insert(principals).values(id=user.id, kind="user"))
        members = {
            "username": user.username,
            "email": user.email,
            "email_verified": user.email_verified,
            "name": user.name,
            "profile": user.profile,
            "password_hash": user.password_hash,
            "admin": user.admin,
            "active": user.active,
        }
        statement = insert(users).values(
            id=user.id,
            epoch=user.epoch,
            version=user.version,
            created_at=database_now(),
            updated_at=database_now(),
            **_columns(members),
        )
        row = (await self._session.execute(statement.returning(*users.c))).one()
        return _user(row)

    async def change(
        self, user_id: UserId, members: Mapping[str, Any], *, version: int | None, raise_epoch: bool = False
    ) -> User | None:
        statement = (
            update(users)
            .where(users.c.id == user_id, users.c.deleted_at.is_(None))
            .values(version=users.c.version + 1, updated_at=database_now(), **_columns(members))
            .returning(*users.c)
        )
        if version is not None:
            statement = statement.where(users.c.version == version)
        if raise_epoch:
            statement = statement.values(epoch=users.c.epoch + 1)
        row = await self._session.first(statement)
        return None if row is None else _user(row)

    async def rehash(self, user_id: UserId, *, old: str, new: str) -> None:
        await self._session.execute(
            update(users).where(users.c.id == user_id, users.c.password_hash == old).values(password_hash=new)
        )

    async def delete(self, user_id: UserId) -> bool:
        statement = (
            update(users)
            .where(users.c.id == user_id, users.c.deleted_at.is_(None))
            .values(
                deleted_at=database_now(),
                updated_at=database_now(),
                active=False,
                epoch=users.c.epoch + 1,
                version=users.c.version + 1,
            )
        )
        return bool((await self._session.execute(statement)).rowcount)

    async def _hold(self, key: str, wanted: bool) -> None:
        if wanted:
            await self._session.execute(select(dialect.hold(key)))

    async def _one(self, condition: ColumnElement[bool], *, lock: bool = False) -> User | None:
        statement = select(users).where(condition, users.c.deleted_at.is_(None))
        row = await self._session.first(statement.with_for_update(key_share=True) if lock else statement)
        return None if row is None else _user(row)


def _filtered(query: UserQuery) -> Select[Any]:
    statement = select(users).where(users.c.deleted_at.is_(None))
    exact = {
        users.c.active: query.active,
        users.c.username_key: query.username_key,
        users.c.email_key: query.email_key,
    }
    for column, value in exact.items():
        if value is not None:
            statement = statement.where(column == value)
    return statement


def _columns(members: Mapping[str, Any]) -> dict[str, Any]:
    """A row's columns for an account's members: names and addresses are kept in two forms."""
    columns: dict[str, Any] = {}
    for member, value in members.items():
        if isinstance(value, Username):
            columns |= {"username": value.entered, "username_key": value.key}
        elif member == "email":
            columns |= {"email": value and value.address, "email_key": value and value.key}
        elif isinstance(value, Profile):
            columns[member] = _said(asdict(value))
        else:
            columns[member] = value
    return columns


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    """What a person says of themselves, as JSON: what they do not say takes no room."""
    return {
        name: _said(value) if isinstance(value, dict) else value for name, value in members.items() if value
    }


def _profile(kept: Mapping[str, Any]) -> Profile:
    """A member that a newer version of this program keeps is left alone."""
    members = {name: kept[name] for name in PROFILE_MEMBERS if name in kept}
    if "address" in members:
        members["address"] = Address(**members["address"])
    return Profile(**members)


def _user(row: Row[Any]) -> User:
    return User(
        id=UserId(row.id),
        username=Username(entered=row.username, key=row.username_key),
        email=None if row.email is None else Email(address=row.email, key=row.email_key),
        email_verified=row.email_verified,
        name=row.name,
        profile=_profile(row.profile),
        password_hash=row.password_hash,
        admin=row.admin,
        active=row.active,
        epoch=row.epoch,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
