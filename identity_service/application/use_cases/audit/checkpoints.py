"""The head of the log is signed from time to time, and what was signed leaves the database."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from identity_service.application.use_cases.audit.keys import AuditKeyring, OpenKey
from identity_service.domain.audit.statement import Statement
from identity_service.ports.audit import Destination, DestinationFailed, Signatures
from identity_service.ports.unit_of_work import Begin, Read

log = logging.getLogger(__name__)

BATCH = 100


def signed(statement: Statement, key: OpenKey, signatures: Signatures) -> Statement:
    """The statement under this key."""
    named = replace(statement, kid=key.kid)
    return replace(named, signature=signatures.sign(key.private, named.signed_bytes()))


class MakeCheckpoint:
    """Signs the head of the log, and keeps that; of one size once only."""

    def __init__(self, *, begin: Begin, keyring: AuditKeyring, signatures: Signatures) -> None:
        self._begin = begin
        self._keyring = keyring
        self._signatures = signatures

    async def __call__(self) -> Statement | None:
        """None where nothing was chained since the last one. Raises StorageUnavailable, Unsealable."""
        async with self._begin() as uow:
            key = await self._keyring.get(uow, "sign")
            unsigned = Statement(
                kind="checkpoint",
                head=await uow.audit_log.head(),
                made_at=await uow.server.now(),
                kid=key.kid,
            )
            if unsigned.head.size == 0:
                return None
            checkpoint = signed(unsigned, key, self._signatures)
            if not await uow.audit_statements.keep(checkpoint):
                return None
            await uow.commit()
        return checkpoint


class DeliverStatements:
    """Brings what was signed to every destination; what one of them did not take comes again, to all of them."""

    def __init__(self, *, begin: Begin, read: Read, destinations: Sequence[Destination]) -> None:
        self._begin = begin
        self._read = read
        self._destinations = destinations
        self.failures: Counter[str] = Counter()
        self._failing: set[str] = set()

    @property
    def destinations(self) -> Sequence[str]:
        """Where statements go."""
        return [each.name for each in self._destinations]

    async def __call__(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Until all have left, or one did not; answers how many have. Raises StorageUnavailable."""
        if not self._destinations:
            return 0
        total, taken = 0, BATCH
        while taken == BATCH and go_on():
            async with self._read() as uow:
                batch = await uow.audit_statements.undelivered(BATCH)
            taken = 0
            for kind, size, line in batch:
                if not await self._deliver(f"{size:020d}-{kind}", line):
                    break
                async with self._begin() as uow:
                    await uow.audit_statements.delivered(kind, size)
                    await uow.commit()
                taken += 1
            total += taken
        return total

    async def _deliver(self, name: str, line: str) -> bool:
        outcomes = [await self._put(destination, name, line) for destination in self._destinations]
        return all(outcomes)

    async def _put(self, destination: Destination, name: str, line: str) -> bool:
        try:
            await destination.put(name, line)
        except DestinationFailed as error:
            self.failures[destination.name] += 1
            if destination.name not in self._failing:
                log.error("audit checkpoints do not reach %s: %s", destination.name, error)
            self._failing.add(destination.name)
            return False
        self._failing.discard(destination.name)
        return True
