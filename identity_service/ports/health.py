"""What a process can find out about the things it depends on."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Probe = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is wrong in words of ours. Whatever it raises means: away."""


class Schema(Protocol):
    """The tables of the database."""

    async def problem(self) -> str | None:
        """None if they are those that this program wants, or newer; else what to do. Raises StorageUnavailable."""
