"""What the server has signed about its log, and what of it has not left the database yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from identity_service.domain.audit.statement import Kind, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A statement as it is kept."""

    size: int
    made_at: datetime
    line: str


class AuditStatements(Protocol):
    """One of each kind for each size of the log. They are told as lines: somebody else may have written there."""

    async def keep(self, statement: Statement) -> bool:
        """Keeps what was signed; False where this size has one of its kind already."""

    async def lines(self, kind: Kind, *, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """The size that each is kept under, and its line; those behind size `after`, the smallest first."""

    async def newest(self, kind: Kind, *, upto: int | None = None) -> Kept | None:
        """The one of the largest size, or of the largest that is at most `upto`."""

    async def undelivered(self, limit: int) -> Sequence[tuple[Kind, int, str]]:
        """Kind, size and line of what has not left the database, the oldest first."""

    async def delivered(self, kind: Kind, size: int) -> None:
        """This one has left it."""

    async def forget(self, *, below: int) -> None:
        """Those of smaller sizes are not needed any more: the entries that they tell of were removed."""
