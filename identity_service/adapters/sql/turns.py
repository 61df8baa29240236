"""So many at once: whoever finds no place waits its turn, and a place goes from hand to hand.

What asyncio's semaphore and its timeout do between them, for a fraction of what they cost: under load every second
statement waits.
"""

import asyncio
from collections import deque


class Turns:
    """`take` or `wait` for a place, then `give_back`."""

    def __init__(self, size: int, *, timeout_seconds: float) -> None:
        self._free = size
        self._timeout = timeout_seconds
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """A place, if there is a free one; nobody waits then."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """A place, when somebody gives one back. Raises TimeoutError when nobody does in time."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        timer = loop.call_later(self._timeout, _too_late, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if _came(turn):  # in the same moment: it is somebody else's now
                self.give_back()
            raise
        finally:
            timer.cancel()

    def give_back(self) -> None:
        """To who has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _too_late(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())


def _came(turn: asyncio.Future[None]) -> bool:
    return turn.done() and not turn.cancelled() and turn.exception() is None
