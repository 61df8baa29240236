"""What an operator sees of a message in the outbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from identity_service.domain.entities.message import Message


class MessageView(BaseModel):
    """A message, and how it fares. `status` is `waiting`, `delivered` or `dead`; `due_at`, when it is sent next, is
    there while it waits."""

    model_config = ConfigDict(frozen=True, title="Message")

    id: str
    kind: str
    recipient: str
    status: str
    attempts: int
    created_at: datetime
    due_at: datetime | None
    give_up_at: datetime
    settled_at: datetime | None
    last_error: str | None
    payload: Mapping[str, Any]

    @classmethod
    def of(cls, message: Message) -> Self:
        """The view of this message."""
        members = {name: getattr(message, name) for name in cls.model_fields}
        return cls(**(members if message.settled_at is None else members | {"due_at": None}))
