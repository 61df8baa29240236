"""Counting guesses, where a guess that was right does not count, and knowing who was right before."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wanted:
    """One more of `key`, in a window of `per_seconds`. With `most`, only while there are fewer; with 0 it is a look."""

    key: str
    per_seconds: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are in this window, with this one if it was `taken`; it ends in `seconds_left` (at least 1)."""

    number: int
    seconds_left: int
    taken: bool = True


class Guesses(Protocol):
    """Counts per key in fixed windows, which begin with the first that is taken.

    Exact within one process, and across processes where they share a store; while the shared store is away each process
    counts for itself: never no count, and never a stop. Keys are `area:whatever`; areas do not crowd each other out.
    """

    async def take(self, *wanted: Wanted) -> tuple[Count, ...]:
        """Counts these, each on its own, at one price. Of concurrent callers exactly `most` take one of a key."""

    async def give_back(self, *keys: str) -> None:
        """One of each, that was taken, does not count after all."""

    async def remember(self, *keys: str, for_seconds: int) -> None:
        """Has a look at each of them find one, for so long, from now on."""
