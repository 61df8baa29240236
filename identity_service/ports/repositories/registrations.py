"""Where the tokens of programs that register themselves are kept, by their digests (RFC 7591 §3, RFC 7592 §3)."""

from typing import Protocol

from identity_service.domain.entities.initial_access_token import InitialAccessToken, NewInitialAccessToken
from identity_service.domain.value_objects.ids import ClientId, InitialAccessTokenId


class InitialAccessTokens(Protocol):
    """What lets programs register. One is good while it is neither expired (database clock), revoked nor used up."""

    async def add(self, new: NewInitialAccessToken) -> InitialAccessToken: ...

    async def good(self, digest: bytes) -> InitialAccessTokenId | None:
        """Which one this is, if it is good. Who goes by that spends it later."""

    async def spend(self, token_id: InitialAccessTokenId) -> bool:
        """Takes one of its uses, in one statement; True where it was good: never for more callers than it had uses."""

    async def page(self, *, limit: int, after: InitialAccessTokenId | None) -> list[InitialAccessToken]:
        """The newest first, those that are no longer good included; `after` is the last one of the page before."""

    async def revoke(self, token_id: InitialAccessTokenId) -> InitialAccessToken | None:
        """Marks it revoked, unless it is already. None where there is none."""


class RegistrationAccessTokens(Protocol):
    """By what a client that registered itself reads, changes and deletes its registration."""

    async def keep(self, client_id: ClientId, digest: bytes) -> None:
        """The first one of a new client."""

    async def get(self, client_id: ClientId) -> bytes | None:
        """The digest of the one there is."""

    async def replace(self, client_id: ClientId, *, old: bytes, new: bytes) -> bool:
        """In one statement: True for the one caller whose `old` was still the one."""

    async def count_clients(self) -> int:
        """How many clients there are that registered themselves, those of this transaction included; deleted ones are
        not. Whoever counts waits for others that count until they have committed."""
