"""How far behind the chain of the log is, and how old its newest checkpoint, as this process saw it last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from identity_service.application.workers.runner import GoOn
from identity_service.ports.repositories.audit_log import Lag
from identity_service.ports.unit_of_work import Read

STALE_SECONDS = 60.0
"""What was seen before says nothing about now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditState:
    """`unsigned_seconds` is how long the oldest entry has been under no checkpoint (0 where all are), `checkpoint_age`
    how old the newest one is, None where there is none; `undelivered` counts, up to a hundred, what has not left the
    database."""

    lag: Lag
    unsigned_seconds: float
    checkpoint_age: float | None
    undelivered: int


async def audit_state(read: Read) -> AuditState:
    """As it is now. Raises StorageUnavailable."""
    async with read() as uow:
        lag = await uow.audit_log.lag()
        newest = await uow.audit_statements.newest("checkpoint")
        signed = newest.size if newest else 0
        unsigned = await uow.audit_log.entries(after=signed, until=signed + 1, limit=1)
        undelivered = await uow.audit_statements.undelivered(100)
        now = await uow.server.now()
    return AuditState(
        lag=lag,
        unsigned_seconds=_since(unsigned[0].entry.occurred_at, now) if unsigned else 0.0,
        checkpoint_age=_since(newest.made_at, now) if newest else None,
        undelivered=len(undelivered),
    )


def _since(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())


class AuditWatch:
    """Every process looks, not the leading one alone: that nobody leads is a reason why nothing would be chained."""

    def __init__(self, *, read: Read, clock: Callable[[], float]) -> None:
        """`clock` is seconds that never go back."""
        self._read = read
        self._clock = clock
        self._seen: tuple[float, AuditState] | None = None

    async def __call__(self, go_on: GoOn) -> None:
        """Looks once. Raises StorageUnavailable."""
        found = await audit_state(self._read)
        self._seen = (self._clock(), found)

    @property
    def state(self) -> AuditState | None:
        """None where nothing is known of now."""
        if self._seen is None or self._clock() - self._seen[0] > STALE_SECONDS:
            return None
        return self._seen[1]
