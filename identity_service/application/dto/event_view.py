"""What an operator sees of an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from identity_service.ports.repositories.event_search import Found


class EventView(BaseModel):
    """Something that happened. `position` is its place in the chain; `subject` is the user whom it is about, `address`
    where it came from, as far as that was recorded and not erased; `members` are its own."""

    model_config = ConfigDict(frozen=True, title="Event")

    position: int = Field(examples=[1207])
    id: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"])
    name: str = Field(examples=["user.sign_in_failed"])
    at: datetime = Field(examples=["2026-11-28T05:12:09.123456Z"])
    actor: str = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"])
    subject: str | None = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c55"])
    client_id: str | None = Field(examples=["01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"])
    address: str | None = Field(examples=["192.0.2.7"])
    request_id: str | None = Field(examples=["0b5a3a0b8c77499d8d6f7c1a01997d5e"])
    members: Mapping[str, Any] = Field(examples=[{"reason": "wrong_password", "username": "alice"}])

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
