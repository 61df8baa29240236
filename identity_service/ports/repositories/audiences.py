"""Where audiences are kept."""

from collections.abc import Sequence
from typing import Protocol

from identity_service.domain.entities.audience import Audience


class Audiences(Protocol):
    """Resource indicators by URI (RFC 8707)."""

    async def by_uris(self, uris: Sequence[str]) -> dict[str, Audience]:
        """The known ones among `uris`."""

    async def ensure(self, uri: str) -> Audience:
        """The audience with this URI, made when there is none. Safe if many callers do it at once."""
