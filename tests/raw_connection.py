"""Sends any bytes, in any pieces, to a protocol of the server, over a connection that is not there."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.server import ServerState

TURNS = 25


class Transport:
    """Keeps what is written, until somebody closes."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False
        self.reading = True

    def get_extra_info(self, name: str) -> Any:
        return {"peername": ("192.0.2.7", 50000), "sockname": ("192.0.2.1", 80)}.get(name)

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connected(protocol: Any, app: Any) -> tuple[Any, ServerState, Transport]:
    """A new connection, the state of its server, and its transport."""
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, proxy_headers=False
    )
    config.load()
    state, transport = ServerState(), Transport()
    state.default_headers = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    connection = protocol(config=config, server_state=state, app_state={})
    connection.connection_made(transport)
    return connection, state, transport


async def send(protocol: Any, app: Any, pieces: Sequence[bytes]) -> tuple[bytes, bool]:
    """What comes back, comparable, and whether the connection was closed, when nothing more will come."""
    written, closed = await exchange(protocol, app, pieces)
    return comparable(written), closed


async def exchange(protocol: Any, app: Any, pieces: Sequence[bytes]) -> tuple[bytes, bool]:
    """The same, as it came."""
    connection, state, transport = connected(protocol, app)
    for piece in pieces:
        if transport.closed:
            break
        connection.data_received(piece)
        await _quiet(connection, state, transport)
    written, closed = transport.written, transport.closed
    transport.close()
    connection.connection_lost(None)
    async with asyncio.timeout(10):
        while state.tasks:
            await asyncio.sleep(0)
    return written, closed


async def _quiet(connection: Any, state: ServerState, transport: Transport) -> None:
    """Until every request that is whole has been answered, and nothing moves."""
    async with asyncio.timeout(10):
        still, seen = 0, -1
        while still < TURNS or (state.tasks and not _waits_for_more(connection)):
            await asyncio.sleep(0)
            still = still + 1 if len(transport.written) == seen else 0
            seen = len(transport.written)


def _waits_for_more(connection: Any) -> bool:
    cycle = connection.cycle
    return cycle is not None and not cycle.response_complete and bool(cycle.more_body)


def comparable(answers: bytes) -> bytes:
    """Without the ids of requests, the tokens, and what is left of quotas, which differ each time; the headers of each
    answer sorted, for their order says nothing and is not the same from the framework and in front of it."""
    without_ids = re.sub(rb'(x-request-id: |"request_id":")[0-9a-f]{32}', rb"\1", answers)
    without_ids = re.sub(rb'("(?:access|id)_token":")[A-Za-z0-9_.-]+', rb"\1", without_ids)
    without_ids = re.sub(rb"(;[rt]=)[0-9]+", rb"\1", without_ids)
    return re.sub(rb"(HTTP/1\.1 [0-9]{3} [^\r\n]*\r\n)((?:[^\r\n]+\r\n)+)", _sorted_head, without_ids)


def _sorted_head(head: re.Match[bytes]) -> bytes:
    return head[1] + b"".join(sorted(head[2].splitlines(keepends=True)))
