"""Who does what must be done by one process only."""

from typing import Protocol


class Leases(Protocol):
    """Leadership is a lease: it ends by itself, by the database's clock, however its holder fares.

    A leader that stalls may overlap with the next one for a moment: what leaders do must be harmless when done twice.
    """

    async def take(self, name: str, *, holder: str, seconds: int) -> bool:
        """Takes the lease, or prolongs the holder's own, until `seconds` from now.

        Of any number of concurrent callers one is told True while the lease runs. Raises StorageUnavailable.
        """

    async def give_back(self, name: str, *, holder: str) -> None:
        """Ends the lease if it is the holder's. Raises StorageUnavailable."""
