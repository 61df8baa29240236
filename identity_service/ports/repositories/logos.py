"""Where the logos of clients are kept, and which of them are still to be fetched."""

from dataclasses import dataclass, field
from typing import Protocol

from identity_service.domain.value_objects.ids import ClientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture; `digest` is its SHA-256 in hexadecimal, by which it is known."""

    digest: str
    media_type: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLogo:
    """What is to be fetched, and how often that has failed."""

    client_id: ClientId
    logo_uri: str
    failures: int


class Logos(Protocol):
    """At most one logo a client. A client shows its logo from `keep` on, and until `want` or `drop`."""

    async def want(self, client_id: ClientId, logo_uri: str) -> None:
        """Forgets the logo that there is, and has this one fetched."""

    async def drop(self, client_id: ClientId) -> None:
        """Forgets the logo; none is wanted."""

    async def due(self, *, limit: int) -> list[WantedLogo]:
        """Whose turn has come (database clock), the longest waiting first."""

    async def keep(self, wanted: WantedLogo, logo: Logo) -> bool:
        """Shows it from now on; False where something else is wanted meanwhile, and nothing was changed."""

    async def failed(self, wanted: WantedLogo, *, again_in: int | None) -> None:
        """Another turn comes in so many seconds, or never."""

    async def get(self, digest: str) -> Logo | None:
        """The picture, if some client shows it."""
