"""Documents that are the same for everybody: their bytes are made once, and again when what they say has changed."""

from collections.abc import Callable, Mapping
from typing import Any

from identity_service.api.answers import Document
from identity_service.application.services import DiscoveryService
from identity_service.http.site import Site
from identity_service.ports.tokens.key_ring import KeysUnavailable

JWKS = "/.well-known/jwks.json"
METADATA_MAX_AGE = 60
"""Seconds; the document changes with a deployment, or when the password grant comes or goes."""


class Documents:
    """The key set and the metadata of one application."""

    def __init__(self, discovery: Callable[[], DiscoveryService], site: Site) -> None:
        self._discovery = discovery
        self._jwks_max_age = site.jwks_max_age
        self._made: dict[str, Document] = {}
        self.paths = (JWKS, *site.metadata_paths)

    def jwks(self) -> Document:
        """The key set. Raises KeysUnavailable."""
        return self._document("keys", self._discovery().publish_keys(), self._jwks_max_age)

    async def metadata(self) -> Document:
        """The metadata. Raises StorageUnavailable."""
        return self._document("metadata", await self._discovery().read_metadata(), METADATA_MAX_AGE)

    def ready(self, path: str) -> Document | None:
        """The document at one of `paths`, if it can be had without asking anybody."""
        if path == JWKS:
            try:
                return self.jwks()
            except KeysUnavailable:
                return None
        known = self._discovery().read_metadata.known()
        return None if known is None else self._document("metadata", known, METADATA_MAX_AGE)

    def _document(self, name: str, members: Mapping[str, Any], max_age: int) -> Document:
        """By the identity of what it says, which the use cases keep for as long as they say the same."""
        made = self._made.get(name)
        if made is None or made.members is not members:
            made = self._made[name] = Document(members, max_age=max_age)
        return made
