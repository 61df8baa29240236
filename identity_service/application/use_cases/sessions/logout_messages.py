"""Clients are told in the back channel that a session is over (OIDC Back-Channel Logout 1.0)."""

from collections.abc import Iterable
from typing import Final

from identity_service.domain.entities.message import NewMessage
from identity_service.domain.entities.session_client import SessionClient

BACKCHANNEL_LOGOUT: Final = "backchannel_logout"
LIFE_SECONDS: Final = 86_400
"""So long a client may be away. A session of its own rarely lasts longer."""


def logout_messages(clients: Iterable[SessionClient]) -> list[NewMessage]:
    """One for each client that wants to be told: which session, and whose, under the client's name for them."""
    return [
        NewMessage(
            kind=BACKCHANNEL_LOGOUT,
            recipient=client.client_id,
            payload={"sid": client.session_id, "sub": client.subject},
            life_seconds=LIFE_SECONDS,
        )
        for client in clients
        if client.backchannel_logout_uri is not None
    ]
