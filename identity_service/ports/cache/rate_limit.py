"""Counting attempts."""

from typing import Protocol


class RateLimit(Protocol):
    """Counts per key in fixed windows.

    Exact within one process, and across processes where they share a store; while the shared store is away each
    process counts for itself: never no limit, and never a stop.
    """

    async def blocked(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Counts nothing. None while there were fewer than `limit` in this window, else how many seconds (at least 1)
        until it ends: for who counts failures only."""

    async def hit(self, key: str, *, limit: int, per_seconds: int) -> int | None:
        """Counts one attempt. None while there were at most `limit` in this window of `per_seconds`, else how many
        seconds (at least 1) until the window ends."""
