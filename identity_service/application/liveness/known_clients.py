"""Clients that the pages ask about: the same few, for one person after the other."""

from collections.abc import Callable

from identity_service.application.liveness.answers import Answers
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.tag import SERVER, client_tag
from identity_service.ports.unit_of_work import UnitOfWork

SECONDS = 10
"""How long a client is remembered, besides the window and the lease."""
MOST = 1000


class KnownClients:
    """Active clients by id, as the database has them, or had them within the second that a change may take to be heard.

    For what a person is shown on the way to a code (docs/decisions/0043). The code itself is made by a statement that
    compares the client's epoch with its row.
    """

    def __init__(self, *, answers: Answers[Client], clock: Callable[[], float]) -> None:
        self._answers = answers
        self._clock = clock

    async def active(self, uow: UnitOfWork, client_id: str) -> Client | None:
        """The client, unless there is none or it is not active. Raises StorageUnavailable."""
        key = client_id.encode("utf-8", "surrogatepass")
        known = self._answers.get(key, now=self._clock())
        if known is not None:
            return known
        mark = self._answers.mark()
        client = await uow.clients.get(client_id)
        if client is None or not client.active:
            return None
        tags = (SERVER, client_tag(client.client_id))
        self._answers.put(key, client, tags=tags, mark=mark, expires=self._clock() + SECONDS)
        return client
