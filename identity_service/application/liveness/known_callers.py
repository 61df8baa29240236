"""Who asks: the same few clients, thousands of times a second."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.liveness.answers import Answers
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.tag import SERVER, client_tag
from identity_service.domain.oauth.client_auth import PresentedClient
from identity_service.domain.oauth.errors import OAuthError
from identity_service.ports.unit_of_work import StorageUnavailable

SECONDS = 10
"""How long a proof is remembered, besides the window and the lease."""
MOST = 1000
_HEADER = b"Authorization"


class KnownCaller(NamedTuple):
    """A client that proved itself. `salt` keeps what it is told apart from what others are."""

    client: Client
    salt: bytes

    @classmethod
    def of(cls, client: Client) -> "KnownCaller":
        """The caller that this client is."""
        return cls(client, sha256(client.client_id.encode()).digest())


class KnownCallers:
    """Authenticates clients as `AuthenticateClient` does, remembering who proved what for some seconds.

    For introspection, and for tokens that carry the client's epoch or are made by a statement that asks for it anew
    (docs/decisions/0041); whoever needs the client as it is now asks `AuthenticateClient`. Failures are not remembered.
    The credentials themselves are not kept, only a digest under `key`, which the process makes up and never shows.
    """

    def __init__(
        self,
        *,
        authenticate: AuthenticateClient,
        answers: Answers[KnownCaller],
        key: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._authenticate = authenticate
        self._answers = answers
        self._key = key
        self._clock = clock

    def known(self, authorization: bytes) -> KnownCaller | None:
        """Who proved itself lately by an Authorization header of these very bytes, and by nothing else."""
        return self._answers.get(self._digest_of(_HEADER, authorization), now=self._clock())

    def recognised(self, authorization: bytes) -> Client | None:
        """The client of `known`, which is not counted as a look-up."""
        found = self._answers.peek(self._digest_of(_HEADER, authorization), now=self._clock())
        return None if found is None else found.client

    async def __call__(
        self, presented: PresentedClient, *, address: str | None, authorization: bytes | None = None
    ) -> KnownCaller:
        """`authorization` is the one header that `presented` was read from, if there was one.

        Raises what AuthenticateClient raises, and StorageUnavailable.
        """
        if presented.assertion is not None:  # which counts once
            return KnownCaller.of(await self._authenticate(presented, address=address))
        key = self._key_of(presented, authorization)
        known = self._answers.get(key, now=self._clock())
        return await self._ask(key, presented, address) if known is None else known

    async def or_while_away(
        self, presented: PresentedClient, *, address: str | None, authorization: bytes | None
    ) -> KnownCaller:
        """The same, for who may also be told what is out of date where the operator prefers that to no answer."""
        try:
            return await self(presented, address=address, authorization=authorization)
        except StorageUnavailable:
            key = self._key_of(presented, authorization)
            known = self._answers.get_while_away(key, now=self._clock())
            if known is None:
                raise
            return known

    def _key_of(self, presented: PresentedClient, authorization: bytes | None) -> bytes:
        return self._digest(presented) if authorization is None else self._digest_of(_HEADER, authorization)

    async def _ask(self, key: bytes, presented: PresentedClient, address: str | None) -> KnownCaller:
        mark = self._answers.mark()
        try:
            client = await self._authenticate(presented, address=address)
        except OAuthError:
            self._answers.discard(key)
            raise
        caller = KnownCaller.of(client)
        if not client.is_public:
            tags = (SERVER, client_tag(client.client_id))
            self._answers.put(key, caller, tags=tags, mark=mark, expires=self._end(client))
        return caller

    def _end(self, client: Client) -> float:
        """Whichever secret was shown: the one that runs out first ends it."""
        expiries = (secret.expires_at.timestamp() for secret in client.secrets if secret.expires_at)
        return min((self._clock() + SECONDS, *expiries))

    def _digest(self, presented: PresentedClient) -> bytes:
        secret = "" if presented.secret is None else presented.secret.reveal()
        framed = f"{len(presented.client_id)} {presented.client_id}{secret}"
        return self._digest_of(presented.method.encode(), framed.encode("utf-8", "surrogatepass"))

    def _digest_of(self, method: bytes, proof: bytes) -> bytes:
        return sha256(b"%b%b %b" % (self._key, method, proof)).digest()
