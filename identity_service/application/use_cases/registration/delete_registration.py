"""A client gives itself up (RFC 7592 §2.3)."""

from identity_service.application.authentication.registration import AuthenticateRegistration, wrong_token
from identity_service.application.use_cases.clients.delete_client import DeleteClient
from identity_service.application.use_cases.registration.registered_client import looked_after
from identity_service.domain.oauth.errors import InsufficientScope
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import Actor
from identity_service.domain.value_objects.secret import Secret


class DeleteRegistration:
    """Deletes the client, as an administrator would: every token that it was given ends, the one used here too.

    A client to which an administrator gave rights of administration is an administrator's to delete.
    """

    def __init__(self, *, authenticate: AuthenticateRegistration, delete_client: DeleteClient) -> None:
        self._authenticate = authenticate
        self._delete_client = delete_client

    async def __call__(self, client_id: str, token: Secret) -> None:
        """Raises InvalidToken, InsufficientScope."""
        client = await self._authenticate(client_id, token)
        try:
            await self._delete_client(client.client_id, by=Actor(client.client_id, administers=False))
        except NotFound:
            raise wrong_token() from None
        except InsufficientScope:
            raise looked_after() from None
