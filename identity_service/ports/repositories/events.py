"""Where it is recorded what happened."""

from typing import Protocol

from identity_service.domain.entities.event import Event


class Events(Protocol):
    """The append-only log; what is added is written, with what it ends, by `UnitOfWork.commit()`."""

    def add(self, event: Event, *, new: bool = True) -> None:
        """Takes the event into the transaction. With `new` false somebody else has recorded it already: then nothing is
        written, but this process applies what it ends when the transaction commits."""
