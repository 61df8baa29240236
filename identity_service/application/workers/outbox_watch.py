"""How far behind the outbox is, as this process saw it last."""

from collections.abc import Callable

from identity_service.application.workers.runner import GoOn
from identity_service.ports.repositories.outbox import Backlog
from identity_service.ports.unit_of_work import Read

STALE_SECONDS = 60.0
"""What was seen before says nothing about now."""


class OutboxWatch:
    """Every process looks, not the leading one alone: that nobody leads is one of the reasons why messages wait."""

    def __init__(self, *, read: Read, clock: Callable[[], float]) -> None:
        """`clock` is seconds that never go back."""
        self._read = read
        self._clock = clock
        self._seen: tuple[float, Backlog] | None = None

    async def __call__(self, go_on: GoOn) -> None:
        """Looks once. Raises StorageUnavailable."""
        async with self._read() as uow:
            found = await uow.outbox_desk.backlog()
        self._seen = (self._clock(), found)

    @property
    def backlog(self) -> Backlog | None:
        """None where nothing is known of now."""
        if self._seen is None or self._clock() - self._seen[0] > STALE_SECONDS:
            return None
        return self._seen[1]
