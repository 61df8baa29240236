"""What operators do with messages on their way out."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDiscarded(Event):
    """It will not be delivered any more."""

    name = "message.discarded"
    message_id: str
    kind: str
    recipient: str
