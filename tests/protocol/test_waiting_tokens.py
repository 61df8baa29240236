"""A request for a token that has a task of the early exit's own: callers that leave, servers that stop, who asked."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from identity_service.domain.services.quota_policy import parse_policy
from identity_service.http.request_id import CURRENT
from identity_service.http.requests import BROKEN_OFF, FIRST_STATUS, STATUSES
from identity_service.ports.origin import ORIGIN, Origin
from identity_service.server.early_exit import EarlyExit
from identity_service.server.protocol import BoundedHeads
from tests.house import House, Registered, open_house, settings_for
from tests.raw_connection import comparable, connected

PROXY = "192.0.2.0/24"


class Scene:
    """A connection to a house whose tokens wait until they are let go, or until something is raised instead."""

    def __init__(self, house: House, client: Registered, refresh_token: str) -> None:
        self.house, self.client, self.refresh_token = house, client, refresh_token
        self.app: Any = house.app
        self.waiting = self.app.front.waiting
        self.issue, self.waiting._issue = self.waiting._issue, self
        self.gate, self.raises, self.ids = asyncio.Event(), None, list[str | None]()
        self.asked, self.origins = list[Any](), list[Origin | None]()
        self.connection, self.state, self.transport = connected(EarlyExit, house.app)

    async def __call__(self, request: Any) -> Any:
        self.ids.append(CURRENT.get())
        self.asked.append(request)
        self.origins.append(ORIGIN.get())
        await self.gate.wait()
        if self.raises is not None:
            raise self.raises
        return await self.issue(request)

    raises: Exception | None
    host = b"id.example"

    def ask(self, *lines: bytes) -> None:
        body = b"grant_type=refresh_token&refresh_token=" + self.refresh_token.encode()
        head = [
            b"POST /oauth2/token HTTP/1.1",
            b"Host: " + self.host,
            b"Authorization: " + self.client.basic._auth_header.encode(),
            b"Content-Type: application/x-www-form-urlencoded",
            b"Content-Length: %d" % len(body),
            *lines,
        ]
        self.connection.data_received(b"\r\n".join(head) + b"\r\n\r\n" + body)

    async def done(self) -> bytes:
        self.gate.set()
        async with asyncio.timeout(30):
            while self.state.tasks:
                await asyncio.sleep(0)
        return self.transport.written

    async def begun(self) -> None:
        async with asyncio.timeout(30):
            while not self.ids:
                await asyncio.sleep(0)

    def counted(self, status: int) -> int:
        requests = self.app.state.requests
        return int(requests.statuses[self.waiting._number * STATUSES + status - FIRST_STATUS])

    @property
    def in_flight(self) -> int:
        return int(self.app.state.requests.in_flight)

    async def rows(self, statement: str) -> list[Any]:
        async with self.house.container.database().engine.connect() as connection:
            return list((await connection.execute(text(statement))).scalars())


@pytest.fixture
async def scene(database_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    chosen = settings_for(tmp_path, database_url=database_url, trusted_proxies=(PROXY,))
    async with open_house(chosen) as house:
        client = await house.add_client()
        await house.add_user()
        signed_in = await house.sign_in(client)
        yield Scene(house, client, signed_in["refresh_token"])


def body_of(answer: bytes) -> Any:
    return orjson.loads(answer.partition(b"\r\n\r\n")[2])


async def test_while_it_waits_it_is_in_flight_and_then_it_is_counted_once(scene: Scene) -> None:
    before = scene.counted(200)
    scene.ask()
    await scene.begun()
    assert (scene.in_flight, scene.transport.written, scene.counted(200)) == (1, b"", before)

    answer = await scene.done()
    assert (scene.in_flight, scene.counted(200)) == (0, before + 1)
    assert body_of(answer)["refresh_token"] != scene.refresh_token
    assert f"x-request-id: {scene.ids[0]}".encode() in answer.lower(), "the id that log lines had"
    assert not scene.transport.closed
    assert scene.connection.idle_since is not None, "the sweep may look at it again"


async def test_a_rotation_goes_to_its_end_when_the_caller_leaves(scene: Scene) -> None:
    scene.ask()
    await scene.begun()
    scene.connection.connection_lost(ConnectionResetError())
    assert await scene.done() == b""

    assert scene.in_flight == 0
    assert len(await scene.rows("SELECT digest FROM refresh_tokens WHERE spent_at IS NULL")) == 1
    assert len(await scene.rows("SELECT digest FROM refresh_tokens WHERE spent_at IS NOT NULL")) == 1


async def test_a_server_that_stops_answers_it_and_then_ends_the_connection(scene: Scene) -> None:
    scene.ask()
    await scene.begun()
    scene.connection.shutdown()
    assert not scene.transport.closed

    answer = await scene.done()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nconnection: close\r\n" in answer
    assert scene.transport.closed


async def test_what_is_broken_off_is_counted_so_and_answered_by_uvicorn(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.ask()
    await scene.begun()
    with caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        for task in tuple(scene.state.tasks):
            task.cancel("the grace is over")
        answer = await scene.done()

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert (scene.in_flight, scene.counted(BROKEN_OFF)) == (0, 1)


async def test_a_defect_is_told_by_the_ordinary_way_under_the_same_id_and_asked_once(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.raises = RuntimeError("a defect")
    scene.ask()
    answer = await scene.done()

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert body_of(answer)["request_id"] == scene.ids[0]
    assert len(scene.ids) == 1, "it is not run a second time"
    assert (scene.in_flight, scene.counted(500), scene.counted(200)) == (0, 1, 1)
    assert "a request failed" in caplog.text


async def test_an_answer_waits_while_the_other_side_does_not_read(scene: Scene) -> None:
    scene.ask()
    await scene.begun()
    scene.connection.pause_writing()
    before = scene.counted(200)
    scene.gate.set()
    async with asyncio.timeout(30):
        while scene.counted(200) == before:
            await asyncio.sleep(0)
    written: bytes = scene.transport.written
    scene.connection.resume_writing()

    assert written == b""
    assert (await scene.done()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((), "192.0.2.7"), ((b"X-Forwarded-For: 198.51.100.1, 203.0.113.9",), "203.0.113.9")],
    ids=["the connection's", "what a trusted proxy says"],
)
async def test_the_address_is_the_callers(scene: Scene, lines: tuple[bytes, ...], expected: str) -> None:
    scene.ask(*lines)
    await scene.done()

    assert [each.address for each in scene.asked] == [expected]
    assert scene.origins == [Origin(str(scene.ids[0]), expected)]
    assert ORIGIN.get() is None


async def test_what_happens_is_written_down_with_its_request_and_whose_it_was(scene: Scene) -> None:
    """Also what is refused after all: the token is shown a second time here."""
    spent = scene.refresh_token
    scene.ask(b"X-Forwarded-For: 203.0.113.9", b"User-Agent: shop/3.2")
    again = body_of(await scene.done())["refresh_token"]
    scene.refresh_token = again
    scene.ask()
    await scene.done()
    scene.refresh_token = spent
    scene.ask()
    answer = (await scene.done()).rpartition(b"HTTP/1.1 ")[2]

    assert answer.startswith(b"400 ")
    assert f"x-request-id: {scene.ids[2]}".encode() in answer.lower()
    names = "refresh_token.rotated", "refresh_token.rotated", "family.ended"
    written = f"SELECT name || ' ' || request_id FROM events WHERE name IN {names} ORDER BY id"
    assert await scene.rows(written) == [f"{name} {id_}" for name, id_ in zip(names, scene.ids, strict=True)]


async def test_what_program_asks_is_told_to_who_judges_refreshes(scene: Scene) -> None:
    scene.ask(b"User-Agent: shop/3.2 (\xff)")
    await scene.done()
    assert [each.user_agent for each in scene.asked] == ["shop/3.2 (\xff)"]
    assert await scene.rows("SELECT user_agent FROM families") == ["shop/3.2 (\xff)"]


@pytest.mark.parametrize("refused", [False, True], ids=["given", "refused"])
async def test_a_false_address_is_noted_once(scene: Scene, refused: bool) -> None:
    counts = scene.house.container.admission.spoofing().counts
    if refused:
        scene.refresh_token = scene.refresh_token[:-1] + ("A" if scene.refresh_token[-1] != "A" else "B")
    scene.ask(b"X-Forwarded-For: 192.0.2.9, 203.0.113.9")
    answer = await scene.done()

    assert answer.startswith(b"HTTP/1.1 400 " if refused else b"HTTP/1.1 200 ")
    assert (counts, scene.asked[0].address) == ({"claimed_proxy": 1}, "203.0.113.9")


@pytest.mark.parametrize("refused", [False, True], ids=["given", "refused"])
async def test_it_is_counted_in_quotas_once(scene: Scene, refused: bool) -> None:
    """For the address, as nobody has proved anything yet, and then for the client."""
    counts = scene.house.container.admission.tally().counts
    counts.clear()
    if refused:
        scene.refresh_token = "x"
    scene.ask()
    answer = await scene.done()

    assert answer.startswith(b"HTTP/1.1 400 " if refused else b"HTTP/1.1 200 ")
    assert counts == {("token", level, "allowed"): 1 for level in ("address", "client")}
    assert answer.lower().count(b"\r\nratelimit: ") == 1


async def test_one_too_many_is_refused_as_by_the_ordinary_way_before_anything_is_done(scene: Scene) -> None:
    scene.house.container.admission.policy().replace(
        parse_policy('[client]\ntoken = { limit = 1, per = "day" }')
    )
    scene.ask()
    first = await scene.done()
    scene.connection, scene.state, scene.transport = connected(EarlyExit, scene.app)
    scene.ask()
    second = await scene.done()
    scene.connection, scene.state, scene.transport = connected(BoundedHeads, scene.app)
    scene.ask()
    third = await scene.done()

    assert (first[:13], second[:13]) == (b"HTTP/1.1 200 ", b"HTTP/1.1 429 ")
    assert _without_seconds(second) == _without_seconds(third)
    assert len(scene.asked) == 1, "nobody is asked for a token"
    assert (scene.in_flight, scene.counted(429)) == (0, 2)


def _without_seconds(answer: bytes) -> bytes:
    return re.sub(rb"(?i)(retry-after: )[0-9]+", rb"\1", comparable(answer))


@pytest.mark.parametrize("host", [b"evil.example", b"192.0.2.1"])
async def test_a_foreign_host_is_refused_and_nothing_done(scene: Scene, host: bytes) -> None:
    scene.host = host
    scene.ask()
    answer = await scene.done()

    assert answer.startswith(b"HTTP/1.1 421 ")
    assert scene.asked == []
    assert len(await scene.rows("SELECT digest FROM refresh_tokens WHERE spent_at IS NOT NULL")) == 0
