"""Attempts to pass for another address become events, and no number of attempts becomes many of them."""

from collections.abc import Callable
from typing import Final

from identity_service.application.admission.admission import whom
from identity_service.application.workers.runner import GoOn
from identity_service.domain.entities.network_event import ForwardingSpoofed
from identity_service.ports.unit_of_work import Begin

AGAIN_SECONDS: Final = 600.0
"""So long nothing more is recorded about a source; what it does meanwhile is counted, and stands in its next event."""
MOST_EVENTS: Final = 20
"""In that time, by one process, whoever they are about."""
MOST_SOURCES: Final = 100
"""Remembered between two writings; of further ones only the counter knows."""

Source = tuple[str, str]


class SpoofingWatch:
    """Notes attempts, and writes down now and then who made them. `clock` is seconds, monotonic."""

    def __init__(self, *, begin: Begin, clock: Callable[[], float]) -> None:
        self._begin = begin
        self._clock = clock
        self._noted: dict[Source, int] = {}
        self._written: dict[Source, float] = {}
        self.counts: dict[str, int] = {}

    def note(self, kind: str, address: str) -> None:
        """One attempt. Never waits."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        source = (kind, whom(address))
        if source in self._noted or len(self._noted) < MOST_SOURCES:
            self._noted[source] = self._noted.get(source, 0) + 1

    def count(self, kind: str, address: str) -> None:
        """One attempt that is nobody's for certain: it is counted, and no event."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    async def __call__(self, go_on: GoOn) -> None:
        """Writes what is due. Raises StorageUnavailable, and forgets nothing then."""
        now = self._clock()
        self._written = {source: at for source, at in self._written.items() if now - at < AGAIN_SECONDS}
        room = MOST_EVENTS - len(self._written)
        due = {source: times for source, times in self._noted.items() if source not in self._written}
        chosen = dict(list(due.items())[:room])
        if not chosen:
            return
        async with self._begin() as uow:
            for (kind, address), times in chosen.items():
                uow.events.add(ForwardingSpoofed(by="system", kind=kind, times=times, address=address))
            await uow.commit()
        for source, times in chosen.items():
            self._written[source] = now
            self._noted[source] -= times
            if not self._noted[source]:
                del self._noted[source]
