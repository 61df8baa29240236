"""A client is sent a logout token (OIDC Back-Channel Logout 1.0 §2.5)."""

from collections.abc import Callable

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.message import Message
from identity_service.domain.oauth.logout_token import TYP, LogoutToken, to_claims
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable
from identity_service.ports.form_sender import FormSender, Unsent
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.tokens.signer import TokenSigner
from identity_service.ports.unit_of_work import Read

REFUSED = 400
"""§2.8: what the client takes for no logout token of its own, or could not act on, is no better the second time."""


class SendLogoutToken:
    """Makes one attempt, for the outbox.

    - The token is made for the attempt, with a `jti` of its own: the one before may have been spent on an answer that
      was lost, and a client must not take the next for a replay.
    - It is signed as the client's ID tokens are (§2.6).
    - A 2xx is success. 400 is the client's last word; whatever else it answers may be better later.
    - A client that is gone, or has no URI any more, is told nothing.
    """

    def __init__(
        self,
        *,
        read: Read,
        sign: TokenSigner,
        send: FormSender,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        issuer: str,
        signing_alg: str,
    ) -> None:
        self._read = read
        self._sign = sign
        self._send = send
        self._clock = clock
        self._new_id = new_id
        self._issuer = issuer
        self._signing_alg = signing_alg

    async def __call__(self, message: Message) -> None:
        """Raises NotDelivered, Undeliverable, StorageUnavailable."""
        async with self._read() as uow:
            client = await uow.clients.get(message.recipient)
        if client is None or not client.active or client.backchannel_logout_uri is None:
            raise Undeliverable("there is no such client any more, or it does not want to be told")
        try:
            status = await self._send.post(
                client.backchannel_logout_uri, {"logout_token": self._token(client, message)}
            )
        except (Unsent, KeysUnavailable) as error:
            raise NotDelivered(str(error)) from None
        if status == REFUSED:
            raise Undeliverable("the client refused the logout token (400)")
        if not 200 <= status < 300:
            raise NotDelivered(f"the client answered {status}")

    def _token(self, client: Client, message: Message) -> str:
        token = LogoutToken(
            iss=self._issuer,
            sub=message.payload["sub"],
            client_id=client.client_id,
            sid=message.payload["sid"],
            iat=int(self._clock()),
            jti=self._new_id(),
        )
        alg = client.id_token_signed_response_alg or self._signing_alg
        return self._sign.sign(to_claims(token), typ=TYP, alg=alg)
