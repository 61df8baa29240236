"""What an operator sees of an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from identity_service.ports.repositories.event_search import Found


class EventView(BaseModel):
    """Something that happened. `position` is its place in the chain; `subject` is the user whom it is about, `address`
    where it came from, as far as that was recorded and not erased; `members` are its own."""

    model_config = ConfigDict(frozen=True, title="Event")

    position: int
    id: str
    name: str
    at: datetime
    actor: str
    subject: str | None
    client_id: str | None
    address: str | None
    request_id: str | None
    members: Mapping[str, Any]

    @classmethod
    def of(cls, found: Found, personal: Mapping[str, Any]) -> Self:
        """The view of this event, with what is personal about it."""
        event = found.event
        members = {**event.members, **personal}
        return cls(
            position=found.position,
            id=event.id,
            name=event.name,
            at=event.occurred_at,
            actor=event.by,
            subject=event.subject,
            client_id=found.client,
            address=members.pop("address", None),
            request_id=found.request_id,
            members={name: value for name, value in members.items() if name not in ("by", "client_id")},
        )
