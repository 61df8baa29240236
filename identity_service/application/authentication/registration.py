"""Whether a caller is the client whose registration it asks about (RFC 7592 §2)."""

from hmac import compare_digest

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.errors import InvalidToken
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, is_opaque_token
from identity_service.ports.unit_of_work import Read

NOBODY = digest("")
"""Compared with where there is nothing to compare with."""


class AuthenticateRegistration:
    """Answers the client, by its registration access token.

    A wrong token, an unknown client, one that is deleted or switched off, and one that an administrator registered are
    one answer (RFC 7592 §2.1): which clients there are is not told here.
    """

    def __init__(self, *, read: Read) -> None:
        self._read = read

    async def __call__(self, client_id: str, token: Secret) -> Client:
        """Raises InvalidToken."""
        text = token.reveal()
        if not is_opaque_token(OpaqueKind.REGISTRATION_ACCESS_TOKEN, text):
            raise InvalidToken("the registration access token is malformed")
        async with self._read() as uow:
            client = await uow.clients.get(client_id)
            kept = None if client is None else await uow.registration_access_tokens.get(client.client_id)
        matches = compare_digest(digest(text), kept or NOBODY)
        if client is None or not client.active or not matches:
            raise wrong_token()
        return client


def wrong_token() -> InvalidToken:
    """The one refusal."""
    return InvalidToken("the registration access token is not that of this client")
