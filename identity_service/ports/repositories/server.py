"""The server's own state."""

from datetime import datetime
from typing import Protocol


class ServerState(Protocol):
    """One row, the server's epoch; and the one clock."""

    async def epoch(self) -> int: ...

    async def raise_epoch(self) -> int:
        """Ends every family, session and token there is; answers the new epoch.

        The step is so long that it also passes the epochs that a restored database has forgotten.
        """

    async def now(self) -> datetime:
        """The database's clock, which judges everything that several processes must agree on."""
