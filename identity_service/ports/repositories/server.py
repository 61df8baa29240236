"""The server's own state."""

from datetime import datetime
from typing import Protocol


class ServerState(Protocol):
    """One row, with the server's epoch and the id of its master key; and the one clock."""

    async def epoch(self) -> int: ...

    async def raise_epoch(self) -> int:
        """Ends every family, session and token there is; answers the new epoch.

        The step is so long that it also passes the epochs that a restored database has forgotten.
        """

    async def claim(self, master_key_id: str) -> str:
        """Makes this the master key's id if there is none yet; answers the one that holds. One caller wins, ever."""

    async def change_master_key(self, former_id: str, new_id: str) -> bool:
        """Puts one id in the place of the other; False, changing nothing, when another one holds."""

    async def master_key_id(self) -> str | None:
        """The id of the master key that the database was set up with; None before the first start."""

    async def pairwise_salt(self) -> bytes:
        """32 random bytes, made with the database and the same for ever."""

    async def now(self) -> datetime:
        """The database's clock, which judges everything that several processes must agree on."""
