"""How late the event loop runs: what arrives while it stands still is not heard, and then nobody was silent."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

BEAT_SECONDS: Final = 0.05


class Lateness:
    """Measures for as long as the context lasts. A process that is stopped, or has to wait for a processor, is late.

    Timers are no measure of it: when the loop runs again it may find them due before it has read anything.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` tells seconds that never go back, anew at each call; a loop's own time may stand still in a turn."""
        self._clock = clock
        self._late = 0.0
        self._due = 0.0
        self._beating: asyncio.Task[None] | None = None

    @property
    def seconds(self) -> float:
        """By how much the beats came too late, all together, the one that is still to come included."""
        return self._late + max(0.0, self._clock() - self._due)

    async def __aenter__(self) -> Self:
        self._due = self._clock() + BEAT_SECONDS
        self._beating = asyncio.create_task(self._beat(), name="lateness")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = self._clock()
            self._late += max(0.0, now - self._due)
            self._due = now + BEAT_SECONDS
