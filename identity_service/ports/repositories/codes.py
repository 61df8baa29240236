"""Where authorization codes are kept, by the SHA-256 digest of what the client holds."""

from typing import Protocol

from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.value_objects.ids import ClientId, SessionId, UserId


class AuthorizationCodes(Protocol):
    """Codes live for a minute by the database's clock, and are kept for an hour after it."""

    async def add(self, code: AuthorizationCode, digest: bytes) -> bool:
        """Keeps a new code, in one statement, and only if user and client are active, every epoch is still the one that
        it names, and its session is not over."""

    async def spend(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        """The code, for the one caller whose statement spent it: it was this client's, unexpired and unspent."""

    async def end_of_session(self, session_id: SessionId) -> list[AuthorizationCode]:
        """Ends what a session's codes could still become, but for what was to outlive it (`offline_access`); answers
        those of the last minutes, spent ones too, whose tokens may be being made right now."""

    async def end_of_grant(self, user_id: UserId, client_id: ClientId) -> list[AuthorizationCode]:
        """The same for all codes that a client got for a person."""

    async def spent(self, digest: bytes, *, client_id: ClientId) -> AuthorizationCode | None:
        """A code of this client that somebody has spent."""
