"""Counting guesses, where a guess that was right does not count, and knowing who was right before."""

from dataclasses import dataclass
from typing import Protocol


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

    async def take(self, key: str, *, per_seconds: int, most: int | None = None) -> Count:
        """Counts one. With `most`, only while there are fewer: of concurrent callers exactly so many take one."""

    async def give_back(self, key: str) -> None:
        """One that was taken does not count after all."""

    async def remember(self, key: str, *, for_seconds: int) -> None:
        """Keeps that the key was here."""

    async def remembers(self, key: str) -> bool:
        """Whether it was, within the time it is kept. Where memory ended, it was not."""
