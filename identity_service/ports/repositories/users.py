"""Where people's accounts are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserQuery:
    """What a listing shows: exact filters (None = any), the member to sort by, the place to go on from.

    `sort` is `created_at` or `username`, with a leading `-` for descending. `after` is the
    (sort value, id) of the last row of the page before.
    """

    sort: str = "created_at"
    limit: int = 50
    after: tuple[str, str] | None = None
    active: bool | None = None
    username_key: str | None = None
    email_key: str | None = None


class Users(Protocol):
    """Deleted users are invisible here, but their usernames stay taken until they are purged."""

    async def get(self, user_id: UserId, *, lock: bool = False) -> User | None:
        """The user. With `lock`, nobody else changes it until the transaction ends."""

    async def by_username(self, key: str, *, hold: bool = False) -> User | None:
        """The user whose comparison form of the username is `key`.

        With `hold`, nobody else who asks with `hold` gets an answer about this key, as a username or as an address,
        until the transaction ends: what was not there may be taken. Hold several keys in their order.
        """

    async def by_verified_email(self, key: str, *, hold: bool = False) -> User | None:
        """The user who has proved to own the address with this comparison form. `hold` as above."""

    async def page(self, query: UserQuery) -> list[User]:
        """At most `query.limit` users in the order asked for."""

    async def add(self, user: User) -> User:
        """Stores a new user. Raises Conflict(`username` | `email` | `id`); times are the database's."""

    async def change(
        self, user_id: UserId, members: Mapping[str, Any], *, version: int | None, raise_epoch: bool = False
    ) -> User | None:
        """Sets the named members in one statement, raises `version` and, if asked, `epoch`.

        With a `version` given, changes nothing unless the row still has it. Answers the new row, None when
        there was no such row. Raises Conflict(`username` | `email`).
        """

    async def rehash(self, user_id: UserId, *, old: str, new: str) -> None:
        """Replaces the password hash, unless it is no longer `old`. Neither epoch nor version move."""

    async def delete(self, user_id: UserId) -> bool:
        """Marks a user deleted and raises the epoch; True for the caller that did it."""
