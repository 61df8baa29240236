"""Which users there are, page by page."""

from dataclasses import dataclass

from identity_service.application.cursors import Cursors, Page, check_limit, check_sort
from identity_service.application.dto.user_view import UserView
from identity_service.domain.entities.user import User
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.invalid_name import InvalidName
from identity_service.domain.value_objects.username import Username
from identity_service.ports.names import AccountNames
from identity_service.ports.repositories.users import UserQuery
from identity_service.ports.unit_of_work import Read

SORTS = ("created_at", "username")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserListing:
    """Exact filters (None: any), order (`-` in front: descending), place and size of the page."""

    username: str | None = None
    email: str | None = None
    active: bool | None = None
    sort: str = "created_at"
    limit: int = 50
    cursor: str | None = None


class ListUsers:
    """Lists users. Names are compared as accounts compare them, so `ALICE` finds `alice`; what can be no name finds
    nobody."""

    def __init__(self, *, read: Read, names: AccountNames, cursors: Cursors) -> None:
        self._read = read
        self._names = names
        self._cursors = cursors

    async def __call__(self, order: UserListing) -> Page[UserView]:
        """Raises Unacceptable(`limit` | `sort` | `cursor`)."""
        check_limit(order.limit)
        check_sort(order.sort, SORTS)
        question = {
            "of": "users",
            "sort": order.sort,
            "username": order.username,
            "email": order.email,
            "active": order.active,
        }
        after = self._cursors.read(question, order.cursor)
        try:
            query = self._query(order, after)
        except InvalidName:
            return Page((), None)
        async with self._read() as uow:
            found = await uow.users.page(query)
        shown = found[: order.limit]
        more = len(found) > order.limit
        return Page(
            tuple(map(UserView.of, shown)),
            self._cursors.make(question, _place(order.sort, shown[-1])) if more else None,
        )

    def _query(self, order: UserListing, after: tuple[str, str] | None) -> UserQuery:
        """One row more than asked for tells whether there is a next page."""
        username: Username | None = None if order.username is None else self._names.username(order.username)
        email: Email | None = None if order.email is None else self._names.email(order.email)
        return UserQuery(
            sort=order.sort,
            limit=order.limit + 1,
            after=after,
            active=order.active,
            username_key=None if username is None else username.key,
            email_key=None if email is None else email.key,
        )


def _place(sort: str, user: User) -> tuple[str, str]:
    by_name = sort.removeprefix("-") == "username"
    return (user.username.key if by_name else user.created_at.isoformat(), user.id)
