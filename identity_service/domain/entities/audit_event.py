"""What happens to the log of events itself."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EntriesRemoved(Event):
    """Retention has removed the entries of the chain up to `position`; a signed statement says the same."""

    name = "audit.entries_removed"
    position: int
