"""What a process says of the outbox is of now, or it says nothing."""

from typing import Any

from identity_service.application.workers.outbox_watch import STALE_SECONDS, OutboxWatch
from identity_service.ports.repositories.outbox import Backlog

BACKLOG = Backlog(due=2, oldest_due_seconds=5.0)


class Desk:
    """A unit of work that knows nothing but a backlog."""

    def __init__(self) -> None:
        self.outbox_desk = self

    async def backlog(self) -> Backlog:
        return BACKLOG

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to end."""


async def test_what_was_seen_is_told_until_it_is_old() -> None:
    now = 100.0
    read: Any = Desk
    watch = OutboxWatch(read=read, clock=lambda: now)
    assert watch.backlog is None

    await watch(lambda: True)

    assert watch.backlog == BACKLOG
    now += STALE_SECONDS
    assert watch.backlog == BACKLOG
    now += 1
    assert watch.backlog is None
