"""Forms go the guarded way, which test_guarded.py tries: to the address that was judged, or nowhere (ATTACKS 22)."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from identity_service.adapters.http_client.form_sender import GuardedFormSender
from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.ports.form_sender import Unsent
from tests.web_site import on_this_machine

HOST = "app.example"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Server:
    """Answers every request with the same bytes, and keeps what it was sent; without bytes it never answers."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.got: list[bytes] = []
        self.port = 0
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError):  # who asks may have gone before it said what for
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.got.append(head + await reader.readexactly(length))
            if self.answer is None:
                await reader.read()
            else:
                writer.write(self.answer)
                await writer.drain()
        writer.close()
        with suppress(OSError):  # the other side may have gone without a word
            await writer.wait_closed()


@asynccontextmanager
async def listening(answer: bytes | None = OK, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
        await asyncio.gather(*(task for task in server.tasks if task is not None))


def sender(*exceptions: str, seconds: float = 5) -> GuardedFormSender:
    resolve: Any = on_this_machine
    way = GuardedWay(exceptions=exceptions, timeout_seconds=seconds, resolve=resolve)
    return GuardedFormSender(way, kind="backchannel_logout")


async def test_the_form_reaches_a_host_that_is_excepted_at_the_address_that_was_found() -> None:
    async with listening() as server:
        allowed = f"{HOST}:{server.port}"
        form = {"logout_token": "x.y.z", "ü": "&"}
        assert await sender(allowed).post(f"http://{allowed}/back?a=b", form) == 204

    [request] = server.got
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /back?a=b HTTP/1.1\r\n")
    assert f"host: {allowed}".encode() in head.lower()
    assert b"content-type: application/x-www-form-urlencoded" in head.lower()
    assert body == b"logout_token=x.y.z&%C3%BC=%26"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_attack_22_nothing_is_sent_by_http_or_to_an_address_that_is_not_public(scheme: str) -> None:
    async with listening() as server:
        with pytest.raises(Unsent, match=r"not https|not a public address"):
            await sender(f"other.example:{server.port}").post(f"{scheme}://{HOST}:{server.port}/", {"a": "b"})
    assert server.connections == 0


async def test_attack_22_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with listening() as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.port}/".encode()
        answer = b"HTTP/1.1 307 X\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        async with listening(answer) as server:
            allowed = f"{HOST}:{server.port}"
            send = sender(allowed, f"127.0.0.1:{elsewhere.port}")
            assert await send.post(f"http://{allowed}/", {}) == 307
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000],
    ids=["nothing", "noise", "endless"],
)
async def test_attack_22_what_is_no_answer_is_none(answer: bytes) -> None:
    async with listening(answer) as server:
        allowed = f"{HOST}:{server.port}"
        with pytest.raises(Unsent, match="ProtocolError"):
            await sender(allowed).post(f"http://{allowed}/", {})


async def test_attack_22_who_never_answers_is_waited_for_so_long_and_no_longer() -> None:
    async with listening(None) as server:
        allowed = f"{HOST}:{server.port}"
        with pytest.raises(Unsent, match="no whole answer in time"):
            await sender(allowed, seconds=0.1).post(f"http://{allowed}/", {})


async def test_an_endless_body_is_not_read() -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 1000) as server:
        allowed = f"{HOST}:{server.port}"
        assert await sender(allowed).post(f"http://{allowed}/", {}) == 200
