"""Who asks about tokens: the same few clients, thousands of times a second."""

from collections.abc import Callable
from hashlib import blake2b

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.liveness.answers import Answers
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.event import SERVER, client_tag
from identity_service.domain.oauth.client_auth import PresentedClient
from identity_service.domain.oauth.errors import OAuthError
from identity_service.ports.unit_of_work import StorageUnavailable

SECONDS = 10
"""How long a proof is remembered, besides the window and the lease."""
MOST = 1000


class IntrospectionCallers:
    """Authenticates clients as `AuthenticateClient` does, remembering who proved what for some seconds.

    For introspection only: minting and revoking read the client's row each time. Failures are not remembered. The
    credentials themselves are not kept, only a digest under `key`, which the process makes up and never shows.
    """

    def __init__(
        self,
        *,
        authenticate: AuthenticateClient,
        answers: Answers[Client],
        key: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._authenticate = authenticate
        self._answers = answers
        self._key = key
        self._clock = clock

    async def __call__(self, presented: PresentedClient, *, address: str | None) -> Client:
        """Raises what AuthenticateClient raises, and StorageUnavailable."""
        key = self._digest(presented)
        known = self._answers.get(key, now=self._clock())
        return await self._ask(key, presented, address) if known is None else known

    async def _ask(self, key: bytes, presented: PresentedClient, address: str | None) -> Client:
        mark = self._answers.mark()
        try:
            client = await self._authenticate(presented, address=address)
        except OAuthError:
            self._answers.discard(key)
            raise
        except StorageUnavailable:
            known = self._answers.get_while_away(key, now=self._clock())
            if known is None:
                raise
            return known
        if not client.is_public:
            tags = (SERVER, client_tag(client.client_id))
            self._answers.put(key, client, tags=tags, mark=mark, expires=self._end(client))
        return client

    def _end(self, client: Client) -> float:
        """Whichever secret was shown: the one that runs out first ends it."""
        expiries = (secret.expires_at.timestamp() for secret in client.secrets if secret.expires_at)
        return min((self._clock() + SECONDS, *expiries))

    def _digest(self, presented: PresentedClient) -> bytes:
        secret = "" if presented.secret is None else presented.secret.reveal()
        framed = f"{presented.method} {len(presented.client_id)} {presented.client_id}{secret}"
        return blake2b(framed.encode("utf-8", "surrogatepass"), key=self._key, digest_size=32).digest()
