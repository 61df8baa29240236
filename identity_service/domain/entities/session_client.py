"""A client that somebody used a session for, and how it wants to be told that the session is over."""

from dataclasses import dataclass

from identity_service.domain.value_objects.ids import ClientId, SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClient:
    """`subject` is the person's `sub` to this client. A URI that is None: it is not to be told in this way."""

    session_id: SessionId
    client_id: ClientId
    subject: str
    backchannel_logout_uri: str | None
    frontchannel_logout_uri: str | None
