"""Committed events are chained, in an order without gaps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from identity_service.application.use_cases.audit.personal_data import PersonalData
from identity_service.domain.audit.entry import Head, personal_digest
from identity_service.ports.repositories.audit_log import Placed, Waiting
from identity_service.ports.unit_of_work import Begin, Read

BATCH = 500
"""Events a transaction: it holds the writers of an embedded database up for some milliseconds."""


class ChainEvents:
    """Chains what is ripe, batch by batch, each a transaction of its own; what is personal is sealed on the way.

    Two that do this at once do no harm: the head of the chain is moved by one conditional update, and whoever finds it
    moved leaves the batch to the other.
    """

    def __init__(self, *, begin: Begin, read: Read, personal: PersonalData, batch: int = BATCH) -> None:
        self._begin = begin
        self._read = read
        self._personal = personal
        self._batch = batch
        self.chained = 0

    async def __call__(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Until nothing is ripe, or `go_on` says no; answers how many were chained. Raises StorageUnavailable."""
        total, done = 0, self._batch
        while done == self._batch and go_on():
            done = await self._chain() if await self._anything_ripe() else 0
            total += done
        self.chained += total
        return total

    async def _anything_ripe(self) -> bool:
        """Asked without a transaction: on SQLite one would hold up everybody who writes."""
        async with self._read() as uow:
            return bool(await uow.audit_log.ripe(1))

    async def _chain(self) -> int:
        async with self._begin() as uow:
            before = await uow.audit_log.head()
            waiting = await uow.audit_log.ripe(self._batch)
            after, placed = chained(before, waiting, await self._personal.seal(uow, waiting))
            if not placed or not await uow.audit_log.advance(before, after, placed):
                return 0
            await uow.commit()
        return len(placed)


def chained(
    head: Head, waiting: Sequence[Waiting], sealed: Mapping[str, bytes]
) -> tuple[Head, Sequence[Placed]]:
    """The head after these, and where each of them stands."""
    placed = []
    for each in waiting:
        data = sealed.get(each.entry.id)
        entry = replace(each.entry, personal_digest=None if data is None else personal_digest(data))
        head = head.followed_by(entry)
        new = data if data != each.personal else None
        placed.append(Placed(entry=entry, position=head.size, link=head.link, sealed=new))
    return head, placed
