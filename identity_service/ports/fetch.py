"""How anything is fetched from a URL that somebody else gave."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a URL answered. `media_type` is in lower case, without parameters."""

    body: bytes = field(repr=False)
    media_type: str


class Unfetchable(Exception):
    """The URL may not be asked, or did not answer as was wanted; the reason is for the log only: it tells about
    networks that a caller cannot see."""


class Fetcher(Protocol):
    """The only way out to addresses that clients name (docs/decisions/0051).

    Bounded in time, in bytes, and in how many fetches are under way at once. Nobody may hold a connection of the
    database meanwhile.
    """

    async def get(self, url: str, *, accept: Collection[str], most_bytes: int) -> Fetched:
        """The whole body of a 200 in one of these media types. Raises Unfetchable, and nothing else."""
