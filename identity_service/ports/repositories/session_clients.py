"""Which clients a session was used for."""

from typing import Protocol

from identity_service.domain.entities.session_client import SessionClient
from identity_service.domain.value_objects.ids import ClientId, SessionId


class SessionClients(Protocol):
    """The clients that were given a code for an ID token in a session. Deactivated and deleted ones are left out."""

    async def add(self, session_id: SessionId, client_id: ClientId, *, subject: str | None) -> None:
        """Remembers the client; once more does no harm. `subject` is its name for the person, None: the user's id."""

    async def of_session(self, session_id: SessionId) -> list[SessionClient]:
        """All of a session, whether that lives or not."""

    async def to_tell(self, *, after: tuple[SessionId, ClientId] | None, limit: int) -> list[SessionClient]:
        """Of all sessions that live, those that want to be told in the back channel; behind this place, in order."""
