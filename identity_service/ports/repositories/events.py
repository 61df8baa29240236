"""Where it is recorded what happened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from identity_service.domain.entities.event import Event
from identity_service.domain.value_objects.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as it was recorded; `members` are those of its class that have a value. The personal ones are apart, as
    they are stored, unless they were erased: see `PersonalData`."""

    id: str
    name: str
    by: str
    occurred_at: datetime
    subject: str | None
    members: Mapping[str, Any]
    personal: bytes | None


class Events(Protocol):
    """The append-only log; what is added is written, with what it ends, by `UnitOfWork.commit()`."""

    async def about(
        self, user_id: UserId, *, names: Collection[str], after: tuple[str, str] | None, limit: int
    ) -> list[Recorded]:
        """What happened to a person, of these names, the newest first. `after`: the (moment, id) of the last one seen,
        the moment in ISO 8601."""

    def add(self, event: Event, *, new: bool = True) -> None:
        """Takes the event into the transaction. With `new` false somebody else has recorded it already: then nothing is
        written, but this process applies what it ends when the transaction commits."""
