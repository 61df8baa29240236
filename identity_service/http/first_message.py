"""Looks whether a request is there already, without waiting for it and without taking it from whoever comes next."""

from collections.abc import Generator
from typing import Any

from starlette.types import Message, Receive

_Steps = Generator[Any, Any, Message]


class FirstMessage:
    """The first message of a request: `message`, or None where it has not come yet.

    `receive` gives everything once more, from the beginning, to whoever answers the request instead.
    """

    __slots__ = ("_begun", "_receive", "message")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._begun: tuple[_Steps, Any] | None = None
        self.message: Message | None = None
        steps: _Steps = receive().__await__()
        try:
            self._begun = steps, next(steps)
        except StopIteration as done:
            self.message = done.value

    async def receive(self) -> Message:
        """What the server's own `receive` would have answered."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            return await _GoOn(*begun)
        first, self.message = self.message, None
        return await self._receive() if first is None else first


class _GoOn:
    """Waits on where somebody stopped: hands the same future to the loop, and what the loop says back."""

    __slots__ = ("_steps", "_waits_for")

    def __init__(self, steps: _Steps, waits_for: Any) -> None:
        self._steps = steps
        self._waits_for = waits_for

    def __await__(self) -> _Steps:
        try:
            yield self._waits_for
        except BaseException:
            self._steps.close()
            raise
        return (yield from self._steps)
