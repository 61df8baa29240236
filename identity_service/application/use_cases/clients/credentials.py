"""How the secrets of clients are made and kept."""

from collections.abc import Callable

from identity_service.domain.entities.client import ClientSecret
from identity_service.domain.oauth.client_credentials import acceptable_secret, needs_slow_hash
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, opaque_token
from identity_service.domain.value_objects.unset import UNSET_TIME
from identity_service.ports.security import PasswordHasher


class ClientCredentials:
    """Makes secrets, and keeps such as were made elsewhere.

    `slow` hashes what is brought along and may be weak: Argon2id, whatever passwords are hashed with.
    """

    def __init__(
        self, *, random: Callable[[int], bytes], new_id: Callable[[], str], slow: PasswordHasher
    ) -> None:
        self._random = random
        self._new_id = new_id
        self._slow = slow

    def make(self) -> tuple[Secret, ClientSecret]:
        """A new secret of 256 random bits, and what is kept of it."""
        secret = opaque_token(OpaqueKind.CLIENT_SECRET, self._random(32))
        return secret, self._kept("sha256", digest(secret.reveal()).hex())

    async def keep(self, brought: Secret) -> ClientSecret:
        """What is kept of a secret that was brought along. Raises Unacceptable, HashingBusy."""
        text = acceptable_secret(brought.reveal())
        if needs_slow_hash(text):
            return self._kept("password", await self._slow.hash(text, address=None))
        return self._kept("sha256", digest(text).hex())

    def _kept(self, scheme: str, stored: str) -> ClientSecret:
        return ClientSecret(
            id=self._new_id(), scheme=scheme, stored=stored, expires_at=None, created_at=UNSET_TIME
        )
