"""The feed of endings: how one process learns what another one ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """What one read of the feed saw.

    `tags` ended or changed, each once. `cursor` is opaque and goes into the next read. `origin` names the running
    database server (timeline and start time); when it changes, everything cached is void.
    """

    tags: tuple[str, ...]
    cursor: str
    origin: str


class EndingsFeed(Protocol):
    """Reads the feed on a connection of its own to the primary; connects by itself, and again after a failure."""

    async def read(self, cursor: str | None) -> FeedRead:
        """Every tag whose row the read that gave `cursor` could not see; with None no tags, just a first cursor.

        None is ever missed, however late its transaction commits and whatever committed before it.
        Raises StorageUnavailable, also when the statement takes longer than its timeout.
        """

    async def close(self) -> None:
        """Gives up the connection."""


class Ending(NamedTuple):
    """A row of the feed's table: its place there, and what ended or changed."""

    sequence: int
    tag: str


class Endings(Protocol):
    """The table that the feed is read from, in which rows outlive every access token that they are about."""

    async def of_tokens(self, *, after: int, most: int) -> Sequence[Ending]:
        """Endings of single tokens and of families whose place is higher than `after`, in order, `most` of them."""
