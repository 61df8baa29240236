"""What a connection may cost before the application hears of it: time, bytes, and a place (ATTACKS 35)."""

import asyncio
import hashlib
import inspect
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from identity_service.server.places import OTHER_FILES, fitting
from identity_service.server.protocol import LONGEST_FRAMING, BoundedHeads
from identity_service.server.sweep import CLOSING_SECONDS, HEAD_SECONDS, SWEEPS
from tests.serving import free_listener

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PATIENCE = 60.0


class Quick(BoundedHeads):
    """A second lasts ten milliseconds."""

    sweep_seconds = 0.01


class Connection:
    """A client's side, in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, data: bytes) -> Self:
        self.writer.write(data)
        return self

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next answer."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, body

    async def rest(self) -> bytes:
        """Everything up to the end of the connection, however it ends."""
        try:
            return await self.reader.read()
        except ConnectionResetError:
            return b""


async def _ended(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


@dataclass
class Site:
    """A server whose application answers once it is let."""

    server: uvicorn.Server
    port: int
    stack: AsyncExitStack
    body: bytes = b"ok"
    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def connect(self) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.stack.push_async_callback(_ended, writer)
        return Connection(reader, writer)

    async def answers(self) -> bool:
        """Whether somebody else gets an answer now."""
        status, _, body = await (await self.connect()).send(REQUEST).answer()
        return (status, body) == (200, b"ok")

    async def seconds(self, number: int) -> None:
        """Until so many sweeps have passed."""
        while (sweep := SWEEPS.get(self.server.server_state)) is None:
            await asyncio.sleep(0.002)
        until = sweep.now + number
        while sweep.now < until:
            await asyncio.sleep(0.002)


async def _whole(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


@asynccontextmanager
async def site(**options: Any) -> AsyncIterator[Site]:
    listener = free_listener()
    listener.listen(4096)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/wait":
            await made.let.wait()
        body = await _whole(receive) if scope["path"] == "/echo" else made.body
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    config = uvicorn.Config(
        app,
        http=Quick,
        lifespan="off",
        log_config=None,
        access_log=False,
        **{"timeout_keep_alive": 20} | options,
    )
    server = uvicorn.Server(config)
    async with AsyncExitStack() as stack:
        made = Site(server, listener.getsockname()[1], stack)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with asyncio.timeout(PATIENCE):
                yield made
        finally:
            made.let.set()
            await stack.aclose()
            server.should_exit = True
            await task


def is_problem(answer: tuple[int, dict[str, str], bytes], status: int) -> bool:
    """RFC 9457, with the headers of every answer."""
    found, headers, body = answer
    return (
        found == status
        and headers["content-type"] == "application/problem+json"
        and headers["x-content-type-options"] == "nosniff"
        and headers["connection"] == "close"
        and json.loads(body)["status"] == status
        and json.loads(body)["request_id"] == headers["x-request-id"] != ""
    )


async def drip(connection: Connection, text: bytes) -> None:
    for _ in range(100_000):
        if connection.writer.is_closing() or connection.reader.at_eof():
            return
        connection.send(text)
        await asyncio.sleep(0.002)


async def test_rfc9110_s15_5_9_a_head_that_drips_in_is_answered_408_while_others_are_served() -> None:
    async with site() as served:
        slow = (await served.connect()).send(b"GET / HTTP/1.1\r\nHost: x\r\n")
        dripping = asyncio.create_task(drip(slow, b"X-A: b\r\n"))
        assert await served.answers()
        assert is_problem(await slow.answer(), 408)
        slow.writer.transport.abort()
        await dripping


async def test_a_head_that_drips_into_a_used_connection_is_ended_too() -> None:
    async with site() as served:
        slow = (await served.connect()).send(REQUEST)
        assert (await slow.answer())[0] == 200
        slow.send(b"GET / HT")
        assert is_problem(await slow.answer(), 408)


async def test_a_head_in_two_parts_is_answered() -> None:
    async with site() as served:
        slow = (await served.connect()).send(REQUEST[:20])
        await served.seconds(2)
        assert (await slow.send(REQUEST[20:]).answer())[0] == 200


async def test_a_connection_that_says_nothing_ends_without_an_answer() -> None:
    async with site() as served:
        assert await (await served.connect()).rest() == b""


async def test_an_idle_connection_is_kept_for_a_while_and_then_ended() -> None:
    async with site(timeout_keep_alive=20) as served:
        idle = (await served.connect()).send(REQUEST)
        assert (await idle.answer())[0] == 200
        await served.seconds(HEAD_SECONDS + 5)
        assert (await idle.send(REQUEST).answer())[0] == 200
        assert await idle.rest() == b""


async def test_a_request_under_way_is_nobodys_idleness() -> None:
    async with site(timeout_keep_alive=2) as served:
        waiting = (await served.connect()).send(REQUEST.replace(b"/ ", b"/wait ", 1))
        assert await served.answers()
        await served.seconds(3 * HEAD_SECONDS)
        served.let.set()
        assert (await waiting.answer())[0] == 200


async def test_pipelined_requests_are_answered_in_order_and_the_connection_goes_on() -> None:
    async with site() as served:
        client = (await served.connect()).send(REQUEST.replace(b"/ ", b"/wait ", 1) + REQUEST + REQUEST)
        served.let.set()
        for _ in range(3):
            assert (await client.answer())[0] == 200
        assert (await client.send(REQUEST).answer())[0] == 200


OFFER = b"POST /echo HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("apart", [False, True], ids=["in one piece", "body after head"])
@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: %d\r\n\r\n" % len(NEXT), NEXT),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"%x\r\n%b\r\n0\r\n\r\n" % (len(NEXT), NEXT)),
    ],
    ids=["length", "chunks"],
)
async def test_rfc9110_s7_8_an_offer_of_another_protocol_is_ignored_and_its_body_is_read(
    framing: bytes, body: bytes, apart: bool
) -> None:
    """As Java's client and `curl --http2` make it. A body that is taken for a request is one that nobody sent."""
    head = OFFER + framing
    async with site() as served:
        client = await served.connect()
        for _ in range(2):
            for piece in (head, body) if apart else (head + body,):
                client.send(piece)
                await served.seconds(1)
            assert (await client.answer())[2] == NEXT
        assert (await client.send(head + body + head + body + REQUEST).answer())[2] == NEXT
        assert [(await client.answer())[2] for _ in range(2)] == [NEXT, b"ok"]


async def test_an_offer_on_a_connection_that_is_to_end_is_answered_and_what_is_no_body_is_refused() -> None:
    async with site() as served:
        last = (await served.connect()).send(
            OFFER + b"Connection: close, upgrade\r\nContent-Length: 2\r\n\r\nhi"
        )
        assert (await last.answer())[2] == b"hi"
        assert await last.rest() == b""
        broken = (await served.connect()).send(OFFER + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n")
        assert is_problem(await broken.answer(), 400)
        assert await served.answers()


async def test_who_does_not_take_its_answer_is_cut_off() -> None:
    async with site(timeout_keep_alive=1) as served:
        served.body = b"x" * 30_000_000
        deaf = (await served.connect()).send(REQUEST)
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]  # every transport of a socket can
        while not served.server.server_state.connections:
            await asyncio.sleep(0)
        await served.seconds(CLOSING_SECONDS)
        while served.server.server_state.connections:
            await asyncio.sleep(0.005)


async def test_more_connections_than_places_are_refused_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with site(limit_concurrency=3) as served:
        held = [(await served.connect()).send(REQUEST) for _ in range(3)]
        assert [(await one.answer())[0] for one in held] == [200] * 3
        assert is_problem(await (await served.connect()).answer(), 503)
        while "1 connections were refused" not in caplog.text:
            await asyncio.sleep(0.005)
        held[0].writer.transport.abort()
        while len(served.server.server_state.connections) > 2:
            await asyncio.sleep(0.005)
        assert await served.answers()


async def test_idle_connections_make_room_sooner_where_places_are_scarce() -> None:
    async with site(limit_concurrency=4, timeout_keep_alive=1_000_000) as served:
        idle = [(await served.connect()).send(REQUEST) for _ in range(4)]
        assert [(await one.answer())[0] for one in idle] == [200] * 4
        assert await idle[0].rest() == b""


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/x.y\r\n\r\n", b"GET  \r\n\r\n"])
async def test_what_is_no_http_is_a_problem_with_every_security_header(sent: bytes) -> None:
    async with site() as served:
        assert is_problem(await (await served.connect()).send(sent).answer(), 400)


@pytest.mark.parametrize(
    "trailers", [b"X: %b\r\n" % (b"a" * 2 * LONGEST_FRAMING), b"X: y\r\n" * LONGEST_FRAMING]
)
async def test_trailers_without_end_end_the_connection(trailers: bytes) -> None:
    async with site(timeout_keep_alive=1_000_000) as served:
        client = await served.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        client.send(trailers)
        await client.rest()  # nothing else ends the connection


async def test_small_trailers_do_no_harm() -> None:
    async with site() as served:
        client = await served.connect()
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n")
        assert (await client.answer())[0] == 200
        assert (await client.send(REQUEST).answer())[0] == 200


@pytest.mark.parametrize("number", [100, pytest.param(2000, marks=pytest.mark.all)])
async def test_idle_connections_hold_up_nobody(number: int) -> None:
    async with site(timeout_keep_alive=1_000_000) as served:
        idle = [(await served.connect()).send(REQUEST) for _ in range(number)]
        assert {(await one.answer())[0] for one in idle} == {200}
        await served.seconds(3)
        assert await served.answers()


@pytest.mark.parametrize(
    ("files", "wanted", "fit"),
    [(1024, 10_000, 1024 - OTHER_FILES), (100, 10_000, 50), (20_000, 10_000, 10_000)],
)
def test_connections_leave_files_for_everything_else(files: int, wanted: int, fit: int) -> None:
    assert fitting(files, wanted) == fit


RELIED_ON: dict[Callable[..., Any], str] = {
    HttpToolsProtocol.on_response_complete: "64e254f28e389e76",
    HttpToolsProtocol.data_received: "010a7ae59a5d3b1a",
}


@pytest.mark.parametrize("method", RELIED_ON, ids=lambda method: method.__name__)
def test_uvicorn_does_what_was_read_when_its_methods_were_replaced(method: Callable[..., Any]) -> None:
    """A new version may do more in them: read it, mend BoundedHeads, then put the new digest here."""
    assert hashlib.sha256(inspect.getsource(method).encode()).hexdigest()[:16] == RELIED_ON[method]
