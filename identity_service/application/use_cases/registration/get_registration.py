"""A client reads its own registration (RFC 7592 §2.1)."""

from identity_service.application.authentication.registration import AuthenticateRegistration
from identity_service.application.dto.client_view import ClientView
from identity_service.application.use_cases.registration.registered_client import RegisteredClient
from identity_service.domain.value_objects.secret import Secret


class GetRegistration:
    """Answers the registration. Reading changes nothing: the token stays the one that was sent, and a secret, of which
    only a digest is kept, is not shown again.
    """

    def __init__(self, *, authenticate: AuthenticateRegistration) -> None:
        self._authenticate = authenticate

    async def __call__(self, client_id: str, token: Secret) -> RegisteredClient:
        """Raises InvalidToken."""
        client = await self._authenticate(client_id, token)
        return RegisteredClient(ClientView.of(client), None, token)
