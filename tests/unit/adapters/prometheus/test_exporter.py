"""What a collector is told, on a port of its own: by one process for itself, or for all that share a board."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from identity_service.adapters.prometheus.board import Board
from identity_service.adapters.prometheus.exporter import Exporter
from identity_service.adapters.prometheus.families import Family, counter
from identity_service.adapters.prometheus.listener import LONGEST_HEAD, MOST_CONNECTIONS, Listener
from tests.running import until
from tests.servers.process import free_port

Ask = Callable[[bytes], Awaitable[bytes]]


def answers(number: float) -> list[Family]:
    family = counter("answers_total", "Answers.")
    family.add(number)
    return [family]


def last(text: bytes) -> bytes:
    return text.splitlines()[-1]


def test_a_process_on_its_own_tells_what_it_has_counted() -> None:
    assert last(Exporter(lambda: answers(3), None).text()) == b"answers_total 3"


def test_whoever_is_asked_next_tells_no_lower_count(tmp_path: Path) -> None:
    first, second = (Exporter(lambda: answers(3), Board(tmp_path)) for _ in range(2))
    assert last(first.text()) == b"answers_total 3"
    assert last(second.text()) == b"answers_total 6"


async def test_a_process_writes_while_it_runs_and_once_more_at_its_end(tmp_path: Path) -> None:
    counted = 1
    task = asyncio.create_task(Exporter(lambda: answers(counted), Board(tmp_path)).run())
    await until(lambda: any(tmp_path.iterdir()), "it has written")
    counted = 7
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert last(Exporter(lambda: answers(0), Board(tmp_path)).text()) == b"answers_total 7"


async def test_a_board_that_cannot_be_written_is_told_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    task = asyncio.create_task(Exporter(lambda: answers(1), Board(tmp_path / "gone")).run())
    await until(lambda: bool(caplog.records), "it was told")
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """Sends bytes to a listener and returns all that it answers."""
    port = free_port()
    task = asyncio.create_task(Listener("127.0.0.1", port, lambda: b"text 1\n").run())

    async def send(request: bytes) -> bytes:
        reader, writer = await connected(port)
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()

    yield send
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a listener that is about to be there."""
    async with asyncio.timeout(60):
        while True:
            with suppress(ConnectionError):
                return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("target", [b"/metrics", b"/metrics?name[]=text"])
async def test_the_listener_answers_a_scrape(ask: Ask, target: bytes) -> None:
    answer = await ask(b"GET %b HTTP/1.1\r\nHost: here\r\n\r\n" % target)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n")
    assert b"\r\nContent-Length: 7\r\n" in head
    assert body == b"text 1\n"


async def test_rfc9110_s9_3_2_head_is_answered_without_a_body(ask: Ask) -> None:
    answer = await ask(b"HEAD /metrics HTTP/1.1\r\n\r\n")
    assert b"\r\nContent-Length: 7\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /oauth2/token HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"\r\n\r\n", b"404"),
    ],
)
async def test_the_listener_has_nothing_else(ask: Ask, request_: bytes, status: bytes) -> None:
    assert (await ask(request_)).split()[1] == status


async def test_attack_35_a_head_without_end_is_cut_off(ask: Ask) -> None:
    with suppress(ConnectionError):
        assert await ask(b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 8 * LONGEST_HEAD) == b""


async def test_attack_35_no_more_than_a_few_connections_are_held(tmp_path: Path) -> None:
    port = free_port()
    task = asyncio.create_task(Listener("127.0.0.1", port, lambda: b"text 1\n").run())
    held = [await connected(port) for _ in range(MOST_CONNECTIONS)]
    reader, writer = await connected(port)
    assert await reader.read() == b""
    for _, each in held:
        each.close()
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_fails_while_it_is_measured_is_a_500_and_the_listener_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def text() -> bytes:
        raise OSError("no space")

    port = free_port()
    task = asyncio.create_task(Listener("127.0.0.1", port, text).run())
    for _ in range(2):
        reader, writer = await connected(port)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert (await reader.read()).split()[1] == b"500"
        writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "metrics cannot be told" in caplog.text


async def test_a_port_that_is_taken_is_told_once_and_had_when_it_is_free(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity_service.adapters.prometheus.listener.RETRY_SECONDS", 0.001)
    other = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    task = asyncio.create_task(Listener("127.0.0.1", port, lambda: b"text 1\n").run())
    await until(lambda: bool(caplog.records), "it was told")
    other.close()
    await other.wait_closed()
    reader, writer = await connected(port)
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
    assert (await reader.read()).split()[1] == b"200"
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1
