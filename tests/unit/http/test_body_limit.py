"""How long a body may take; how long it may be is shown over HTTP."""

import asyncio
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message

from identity_service.http.body_limit import BodyLimit

SCOPE = {"type": "http", "headers": []}


def app_that_reads(seen: list[Message]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            seen.append(await receive())
            if not seen[-1].get("more_body"):
                return

    return app


async def nothing(message: Message) -> None:
    """Nobody listens."""


async def test_attack_35_a_body_that_does_not_come_is_waited_for_no_longer_than_patience_lasts() -> None:
    async def stalls() -> Message:
        if seen:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"a", "more_body": True}

    seen: list[Message] = []
    with pytest.raises(HTTPException) as refused:
        await BodyLimit(app_that_reads(seen), patience_seconds=0.01)(SCOPE, stalls, nothing)
    assert refused.value.status_code == 408


async def test_attack_35_a_body_that_comes_drop_by_drop_has_no_more_time_than_any_other() -> None:
    async def drips() -> Message:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"a", "more_body": True}

    with pytest.raises(HTTPException) as refused:
        await BodyLimit(app_that_reads([]), patience_seconds=0.1)(SCOPE, drips, nothing)
    assert refused.value.status_code == 408


async def test_a_body_that_comes_in_parts_is_read_whole() -> None:
    parts = [b"a", b"b", b""]

    async def comes() -> Message:
        body = parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(parts)}

    seen: list[Message] = []
    await BodyLimit(app_that_reads(seen), patience_seconds=10)(SCOPE, comes, nothing)
    assert [message["body"] for message in seen] == [b"a", b"b", b""]
