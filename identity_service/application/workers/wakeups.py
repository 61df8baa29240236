"""Who waits for a tag is woken when it ends."""

import asyncio
from collections.abc import Sequence


class Wakeups:
    """Hears of endings, from this process or from the feed; whoever asked for a tag's event finds it set."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def hear(self, tags: Sequence[str]) -> None:
        """Sets the events of these tags. Call it on the event loop."""
        for tag in tags:
            if (event := self._events.get(tag)) is not None:
                event.set()

    def of(self, tag: str) -> asyncio.Event:
        """The event of a tag; who waits for it clears it."""
        return self._events.setdefault(tag, asyncio.Event())
