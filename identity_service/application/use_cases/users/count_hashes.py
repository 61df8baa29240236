"""How far the passwords have moved to today's scheme, cost and pepper."""

from dataclasses import dataclass
from typing import Literal

from identity_service.ports.security import HashForms
from identity_service.ports.unit_of_work import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class HashCount:
    """So many hashes of one form; see `ports.HashForm`. `owner` is whose they are."""

    owner: Literal["user", "client"]
    scheme: str
    cost: str | None
    pepper: str | None
    standing: Literal["current", "outdated", "unreadable"]
    number: int


class CountHashes:
    """Counts the hashes in the database by what they were made by. Whoever has no password is not counted.

    Reads every account: for an operator, and not often. Secrets that clients brought along are hashed likewise; nobody
    signs in with them, so they stay as they were made until they are rotated.
    """

    def __init__(self, *, read: Read, forms: HashForms, slow_forms: HashForms) -> None:
        """`slow_forms` judges the hashes of clients, which are made by a scheme of their own."""
        self._read = read
        self._forms = {"user": forms, "client": slow_forms}

    async def __call__(self) -> list[HashCount]:
        """Users before clients, the most first. Raises StorageUnavailable."""
        async with self._read() as uow:
            heads = await uow.password_stock.heads()
        found = []
        for each in heads:
            form = self._forms[each.owner].form_of(each.head)
            found.append(
                HashCount(
                    owner=each.owner,
                    scheme=form.scheme,
                    cost=form.cost,
                    pepper=form.pepper,
                    standing=form.standing,
                    number=each.number,
                )
            )
        return found
