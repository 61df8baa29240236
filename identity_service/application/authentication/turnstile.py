"""Lets so many tries through under one key, counting those that are being judged: whoever finds them waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from identity_service.domain.oauth.errors import TooManyRequests
from identity_service.ports.cache.guesses import Count

MOST_WAITING: Final = 64
"""Tries under one key that wait until others of it are judged; further ones are turned away."""
Take = Callable[[], Awaitable[Count]]


@dataclass(slots=True)
class _Line:
    """Those of one key: under judgement here, and waiting for one of them to leave."""

    inside: int = 0
    waiting: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)


class Turnstile:
    """Of one process. A try that comes while others are judged may find room after all: they may be right."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def through(
        self, key: str, take: Take, *, give_back: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """`take` takes a place where there is one; `give_back` is called before others look. Raises TooManyRequests."""
        line = self._lines.setdefault(key, _Line())
        line.waiting += 1
        try:
            await self._wait(line, take)
            line.inside += 1
        finally:
            line.waiting -= 1
            self._forget(key, line)
        try:
            yield
        finally:
            try:
                await give_back()
            finally:
                line.inside -= 1
                line.moved.set()
                line.moved = asyncio.Event()
                self._forget(key, line)

    async def _wait(self, line: _Line, take: Take) -> None:
        while True:
            moved = line.moved
            counted = await take()
            if counted.taken:
                return
            if moved.is_set():  # somebody left meanwhile
                continue
            if not line.inside or line.waiting > MOST_WAITING:
                raise TooManyRequests(retry_after_seconds=counted.seconds_left)
            await moved.wait()

    def _forget(self, key: str, line: _Line) -> None:
        if not line.inside and not line.waiting:
            self._lines.pop(key, None)
