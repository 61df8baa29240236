"""A client acts for itself (RFC 6749 §4.4)."""

from identity_service.application.grants.base import Authorization, GrantParameter, TokenCall
from identity_service.domain.oauth.errors import UnauthorizedClient
from identity_service.domain.oauth.scope_policy import LEFT_OUT_QUIETLY


class ClientCredentials:
    """The client was authenticated before; nothing is left to judge. No refresh token (§4.4.3)."""

    name = "client_credentials"
    parameters: tuple[GrantParameter, ...] = ()

    async def authorize(self, call: TokenCall) -> Authorization:
        """Everything the client is registered for, but nothing that only a person can give."""
        return self.decide(call)

    def decide(self, call: TokenCall) -> Authorization:
        """The same: there is nobody to be asked."""
        if call.client.is_public:
            raise UnauthorizedClient("a public client has no credentials of its own")
        return Authorization(subject=None, ceiling=call.client.scope - LEFT_OUT_QUIETLY)
