"""The server's own state."""

from typing import Protocol


class ServerState(Protocol):
    """One row: the server's epoch."""

    async def epoch(self) -> int: ...

    async def raise_epoch(self) -> int:
        """Ends every family, session and token there is; answers the new epoch."""
