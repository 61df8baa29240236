"""Many questions about tokens that arrive together are one question to the database."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from identity_service.domain.entities.token import AccessState, TokenTies
from identity_service.ports.unit_of_work import Read

MOST_AT_ONCE = 200
"""Tokens in one statement."""


_Asked = tuple[TokenTies, "asyncio.Future[AccessState]"]


class LookUps:
    """Collects what is asked in one turn of the loop, and asks the primary once.

    Each statement begins after the last of its questions was asked: an answer is never older than its question.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._waiting: list[_Asked] = []
        self._asking: set[asyncio.Task[None]] = set()

    async def __call__(self, ties: TokenTies) -> AccessState:
        """How everything stands that the token hangs on. Raises StorageUnavailable."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[AccessState] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((ties, answer))
        return await answer

    def _send(self) -> None:
        asked, self._waiting = self._waiting, []
        for start in range(0, len(asked), MOST_AT_ONCE):
            task = asyncio.create_task(self._ask(asked[start : start + MOST_AT_ONCE]))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask(self, asked: list[_Asked]) -> None:
        waiting = [(ties, answer) for ties, answer in asked if not answer.done()]  # who left asks no more
        try:
            async with self._read() as uow:
                states = await uow.revoked_tokens.access_states([ties for ties, _ in waiting])
        except Exception as error:
            _settle(waiting, asyncio.Future.set_exception, [error] * len(waiting))
        except BaseException:
            _settle(waiting, asyncio.Future.cancel, [None] * len(waiting))
            raise
        else:
            _settle(waiting, asyncio.Future.set_result, states)


def _settle(waiting: list[_Asked], settle: Callable[[Any, Any], object], by: Sequence[Any]) -> None:
    for (_, answer), one in zip(waiting, by, strict=True):
        if not answer.done():
            settle(answer, one)
