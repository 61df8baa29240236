"""A fast way for endings from process to process, which nobody relies on."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

CarrierState = Literal["none", "connected", "away"]
"""`none`: there is nobody to carry to. `away`: endings travel by the feed alone."""

Hear = Callable[[Sequence[str]], None]


class EndingsCarrier(Protocol):
    """Carries tags that ended to the other processes within milliseconds, if it can.

    It may lose, delay, repeat and reorder them: the feed is what counts. What did not come from a process of this
    server is not passed on.
    """

    @property
    def state(self) -> CarrierState:
        """Whether endings are carried now."""

    def publish(self, tags: Sequence[str]) -> None:
        """Sends the tags to the others soon. Never waits and never raises; what cannot be sent is dropped."""

    async def start(self, hear: Hear) -> None:
        """From now on `hear` is called with what other processes published. Returns before anything is connected."""

    async def close(self) -> None:
        """Hears and sends no more."""
