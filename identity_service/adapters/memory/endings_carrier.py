"""Carrying endings within one process: between the applications in it, or to nobody."""

from collections.abc import Sequence

from identity_service.ports.cache.endings_carrier import CarrierState, Hear


class MemoryChannel:
    """What the carriers of one process share; each application that has none of it is alone."""

    def __init__(self) -> None:
        self.listening: dict[object, Hear] = {}


class MemoryEndingsCarrier:
    """`ports.EndingsCarrier` without a server."""

    def __init__(self, channel: MemoryChannel) -> None:
        self._channel = channel

    @property
    def state(self) -> CarrierState:
        return "connected" if self in self._channel.listening else "away"

    def publish(self, tags: Sequence[str]) -> None:
        for listener, hear in tuple(self._channel.listening.items()):
            if listener is not self:
                hear(tuple(tags))

    async def start(self, hear: Hear) -> None:
        self._channel.listening[self] = hear

    async def close(self) -> None:
        self._channel.listening.pop(self, None)


class NoEndingsCarrier:
    """`ports.EndingsCarrier` where REDIS_URL is not set: the feed alone."""

    @property
    def state(self) -> CarrierState:
        return "none"

    def publish(self, tags: Sequence[str]) -> None:
        """To nobody."""

    async def start(self, hear: Hear) -> None:
        """Nothing will be heard."""

    async def close(self) -> None:
        """Nothing was opened."""
