"""What the authorization server announces about itself (RFC 8414)."""

from collections.abc import Callable, Sequence
from typing import Any

from identity_service.domain.oauth.metadata import ONLY_WHEN_USED, authorization_server_metadata
from identity_service.ports.unit_of_work import Read, StorageUnavailable

KEPT_SECONDS = 1.0
"""Anybody may ask, so the clients are searched once a second at most."""


class ReadMetadata:
    """Answers the metadata document.

    - Every grant of the server is listed, in the order of the registry.
    - The password grant is listed only while an active client is registered for it.
    """

    def __init__(
        self,
        *,
        read: Read,
        grant_types: Sequence[str],
        issuer: str,
        documentation: bool,
        clock: Callable[[], float],
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._read = read
        self._grant_types = grant_types
        self._issuer = issuer
        self._documentation = documentation
        self._clock = clock
        self._known: tuple[float, tuple[str, ...]] | None = None

    async def __call__(self) -> dict[str, Any]:
        """Raises StorageUnavailable if nothing was known before; what is known outlives the database's absence."""
        return authorization_server_metadata(
            issuer=self._issuer, grant_types=await self._announced(), documentation=self._documentation
        )

    async def _announced(self) -> tuple[str, ...]:
        now = self._clock()
        if self._known is not None and now - self._known[0] < KEPT_SECONDS:
            return self._known[1]
        try:
            hidden = await self._unused()
        except StorageUnavailable:
            if self._known is None:
                raise
            return self._known[1]
        announced = tuple(name for name in self._grant_types if name not in hidden)
        self._known = (now, announced)
        return announced

    async def _unused(self) -> set[str]:
        async with self._read() as uow:
            return {
                name
                for name in self._grant_types
                if name in ONLY_WHEN_USED and not await uow.clients.any_active_with_grant(name)
            }
