"""Where it is kept that something signed was used, which counts once."""

from typing import Protocol


class SpentJtis(Protocol):
    """Digests of what was used. A row may go when what it stands for would be refused anyway."""

    async def spend(self, digest: bytes, *, until: int) -> bool:
        """Notes the digest until then (seconds since 1970); True for the one caller that was first, in a race too."""
