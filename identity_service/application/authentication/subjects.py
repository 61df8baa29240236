"""How clients know people (OIDC Core §8)."""

from functools import partial
from hmac import digest as hmac_digest

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.subjects import subject_for
from identity_service.domain.value_objects.ids import UserId
from identity_service.ports.unit_of_work import Read, UnitOfWork


class Subjects:
    """Answers `sub`: the user's id, or a pairwise client's own name for them.

    Those names are made with a salt that the database has had since it was made. It outlives every key of the server,
    for under another one everybody would be somebody else to these clients.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._salt: bytes | None = None

    async def __call__(self, client: Client, user_id: UserId) -> str:
        """For who holds no connection. Raises StorageUnavailable."""
        if client.is_pairwise and self._salt is None:
            async with self._read() as uow:
                return await self.within(uow, client, user_id)
        return self._named(client, user_id)

    async def within(self, uow: UnitOfWork, client: Client, user_id: UserId) -> str:
        """For who holds one: nobody waits for a second connection meanwhile."""
        if client.is_pairwise and self._salt is None:
            self._salt = await uow.server.pairwise_salt()
        return self._named(client, user_id)

    def _named(self, client: Client, user_id: UserId) -> str:
        if self._salt is None:
            return user_id
        return subject_for(client, user_id, digest=partial(_keyed, self._salt))


def _keyed(key: bytes, text: bytes) -> bytes:
    return hmac_digest(key, text, "sha256")
