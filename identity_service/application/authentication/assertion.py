"""A client proves who it is by an assertion that it signed (`private_key_jwt`: RFC 7523 §2.2, OIDC Core §9)."""

from collections.abc import Callable

from identity_service.application.authentication.client_keys import ClientKeys
from identity_service.application.authentication.jtis import jti_digest
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.client_assertion import judge
from identity_service.domain.oauth.errors import InvalidClient
from identity_service.ports.tokens.signer import UnverifiableToken
from identity_service.ports.unit_of_work import Begin

KIND = "client_assertion"


class ProveByAssertion:
    """Judges an assertion, and spends it.

    - The signature is judged first, and its claims after: nobody learns anything about an assertion that is none.
    - Each counts once, in all processes: whoever writes its `jti` first has authenticated, everybody after it has not.
    - No connection is held while keys are fetched.
    """

    def __init__(
        self, *, keys: ClientKeys, begin: Begin, audiences: frozenset[str], clock: Callable[[], float]
    ) -> None:
        """`audiences`: the issuer, and the token endpoint, which OIDC Core §9 names."""
        self._keys = keys
        self._begin = begin
        self._audiences = audiences
        self._clock = clock

    async def __call__(self, client: Client, assertion: str) -> None:
        """Raises InvalidClient, always with the same text; StorageUnavailable."""
        try:
            opened = await self._keys.open(client, assertion, alg=client.token_endpoint_auth_signing_alg)
        except UnverifiableToken as error:
            raise InvalidClient(detail=f"client assertion: {error}") from error
        judged = judge(
            opened.claims,
            typ=opened.typ,
            client_id=client.client_id,
            audiences=self._audiences,
            now=self._clock(),
        )
        async with self._begin() as uow:
            still = await uow.clients.get(client.client_id)
            if still is None or not still.active or still.epoch != client.epoch:
                raise InvalidClient(detail="the client was ended while its keys were fetched")
            digest = jti_digest(KIND, client.client_id, judged.jti)
            first = await uow.spent_jtis.spend(digest, until=judged.until)
            await uow.commit()
        if not first:
            raise InvalidClient(detail="client assertion: it was used before")
