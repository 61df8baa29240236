"""The feed of endings: how one process learns what another one ended."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Ending(NamedTuple):
    """One row of the feed: a number of its own and the tag that ended or changed."""

    sequence: int
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """What one read of the feed saw.

    `cursor` goes into the next read. `origin` names the running database server (timeline and start time); when it
    changes, everything cached is void.
    """

    endings: tuple[Ending, ...]
    cursor: int
    origin: str


class EndingsFeed(Protocol):
    """Reads the feed on a connection of its own to the primary."""

    async def read(self, cursor: int | None) -> FeedRead:
        """Every row that was not surely seen by the read that gave `cursor`; with None no rows, just a first cursor.

        A row may come more than once (its sequence tells) but none is ever missed, however late it commits.
        Raises StorageUnavailable, also when the statement takes longer than its timeout.
        """

    async def close(self) -> None: ...
