"""Which pages of clients a browser shows, so that people are signed out there, too (OIDC Front-Channel Logout §3)."""

from collections.abc import Iterable

from identity_service.domain.entities.session_client import SessionClient
from identity_service.domain.oauth.response_modes import with_members


def logout_pages(clients: Iterable[SessionClient], *, issuer: str) -> tuple[str, ...]:
    """One of each client that has one, told whose session is over and which."""
    return tuple(
        with_members(client.frontchannel_logout_uri, (("iss", issuer), ("sid", client.session_id)))
        for client in clients
        if client.frontchannel_logout_uri is not None
    )
