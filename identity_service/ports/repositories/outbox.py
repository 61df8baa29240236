"""Where messages wait until they are delivered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from identity_service.domain.entities.message import Message, MessageStatus, NewMessage
from identity_service.domain.value_objects.ids import MessageId


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxQuery:
    """Exact filters (None: any). The newest come first; `after` is the id of the last one of the page before."""

    limit: int
    after: MessageId | None = None
    status: MessageStatus | None = None
    kind: str | None = None
    recipient: str | None = None


class Outbox(Protocol):
    """A message is written in the transaction of what causes it: either both are there or neither.

    It is delivered at least once: whoever takes one in hand and dies may have delivered it.
    """

    async def add(self, messages: Sequence[NewMessage]) -> None:
        """Keeps them; each is due at once."""

    async def take(self, *, kinds: Collection[str], limit: int, hold_seconds: int) -> list[Message]:
        """Messages of these kinds that are due, the longest due first, each counted as one attempt more.

        Of any number of concurrent callers one gets a message. Nobody else gets it for `hold_seconds`, unless it is
        settled or postponed before.
        """

    async def deliver(self, message: Message) -> bool:
        """It has arrived; False when it was settled meanwhile."""

    async def postpone(self, message: Message, *, seconds: float, error: str) -> bool:
        """The attempt failed, the next one is due in so many seconds; past its time there is none, and it is dead.

        False, changing nothing, when somebody else has it in hand by now, or it is settled.
        """

    async def bury(self, message: Message, *, error: str) -> bool:
        """It will never arrive. False as for `postpone`."""

    async def get(self, message_id: MessageId) -> Message | None: ...

    async def page(self, query: OutboxQuery) -> list[Message]: ...

    async def revive(self, message_id: MessageId, *, life_seconds: int) -> Message | None:
        """A dead message, or one that waits, is due at once, and has so much time again; None for any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """So many messages wait for an attempt, the oldest of them for so long (0: none does)."""

    due: int
    oldest_due_seconds: float


class OutboxDesk(Protocol):
    """What operators want beyond looking at messages."""

    async def backlog(self) -> Backlog:
        """What is due and in nobody's hand, whatever its kind."""

    async def dead(self, *, most: int) -> int:
        """How many were given up; counts no further than `most`."""

    async def discard(self, message_id: MessageId) -> Message | None:
        """Takes out a message that waits, or was given up; None for any other."""
