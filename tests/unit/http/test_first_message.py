"""A request is looked at without waiting, and nobody who comes next misses anything of it."""

import asyncio
from typing import Any

import pytest

from identity_service.http.first_message import FirstMessage

WHOLE = {"type": "http.request", "body": b"token=x", "more_body": False}
HUNG_UP = {"type": "http.disconnect"}


class Server:
    """Hands out messages as they come."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = 0

    async def receive(self) -> dict[str, Any]:
        try:
            return await self.messages.get()
        finally:
            self.left += 1


async def test_a_request_that_is_there_is_seen_and_given_once_more() -> None:
    server = Server()
    for message in (WHOLE, HUNG_UP):
        server.messages.put_nowait(message)
    first = FirstMessage(server.receive)

    assert first.message == WHOLE
    assert [await first.receive(), await first.receive()] == [WHOLE, HUNG_UP]


async def test_a_request_that_is_not_there_is_not_waited_for() -> None:
    server = Server()
    first = FirstMessage(server.receive)
    assert first.message is None

    waiting = asyncio.ensure_future(first.receive())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    server.messages.put_nowait(WHOLE)
    assert await waiting == WHOLE
    server.messages.put_nowait(HUNG_UP)
    assert await first.receive() == HUNG_UP


async def test_a_request_that_came_in_between_is_given() -> None:
    server = Server()
    first = FirstMessage(server.receive)
    server.messages.put_nowait(WHOLE)
    await asyncio.sleep(0)

    assert await first.receive() == WHOLE


async def test_rfc9110_s15_5_9_who_waits_may_give_up() -> None:
    server = Server()
    first = FirstMessage(server.receive)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await first.receive()

    assert server.left == 1


async def test_nobody_has_to_read_it() -> None:
    server = Server()
    first = FirstMessage(server.receive)
    del first

    assert server.left == 1


async def test_what_fails_there_fails_here() -> None:
    async def broken() -> dict[str, Any]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        FirstMessage(broken)
