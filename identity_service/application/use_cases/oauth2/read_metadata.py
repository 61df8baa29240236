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
        signing_algs: Sequence[str],
        ui_locales: Sequence[str],
        issuer: str,
        documentation: bool,
        clock: Callable[[], float],
        introspects_by_key: bool = True,
        session_management: bool = False,
        registration: bool = False,
        request_uris: bool = False,
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._read = read
        self._grant_types = grant_types
        self._signing_algs = signing_algs
        self._ui_locales = ui_locales
        self._issuer = issuer
        self._documentation = documentation
        self._introspects_by_key = introspects_by_key
        self._session_management = session_management
        self._registration = registration
        self._request_uris = request_uris
        self._clock = clock
        self._known: tuple[float, dict[str, Any]] | None = None

    async def __call__(self) -> dict[str, Any]:
        """The same object for as long as nothing changes; it is not to be changed.

        Raises StorageUnavailable if nothing was known before; what is known outlives the database's absence.
        """
        known = self.known()
        if known is not None:
            return known
        now = self._clock()
        try:
            hidden = await self._unused()
        except StorageUnavailable:
            if self._known is None:
                raise
            return self._known[1]
        document = self._document(tuple(name for name in self._grant_types if name not in hidden))
        self._known = (now, document)
        return document

    def known(self) -> dict[str, Any] | None:
        """The document, if it was looked up so lately that nobody has to be asked."""
        if self._known is None or self._clock() - self._known[0] >= KEPT_SECONDS:
            return None
        return self._known[1]

    def _document(self, announced: tuple[str, ...]) -> dict[str, Any]:
        made = authorization_server_metadata(
            issuer=self._issuer,
            grant_types=announced,
            signing_algs=self._signing_algs,
            ui_locales=self._ui_locales,
            documentation=self._documentation,
            introspects_by_key=self._introspects_by_key,
            session_management=self._session_management,
            registration=self._registration,
            request_uris=self._request_uris,
        )
        return self._known[1] if self._known is not None and self._known[1] == made else made

    async def _unused(self) -> set[str]:
        async with self._read() as uow:
            return {
                name
                for name in self._grant_types
                if name in ONLY_WHEN_USED and not await uow.clients.any_active_with_grant(name)
            }
