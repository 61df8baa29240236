"""Several workers on one socket: replaced without a lost request, missed when they die, counted together."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from identity_service.adapters.crypto.hashing_pool import usable_cpus
from tests.held_request import HeldRequest
from tests.house import PASSWORD, House
from tests.running import Program, environment, running, until
from tests.servers.databases import Databases
from tests.servers.process import free_port
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.all  # each starts a handful of processes
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
async def settings(postgres: Databases, redis_server: RedisServer) -> dict[str, str]:
    """What two workers share."""
    return {"database_url": await postgres.database(), "REDIS_URL": redis_server.url}


def started(program: Program) -> list[int]:
    """The processes of workers that have begun to serve, ended ones included."""
    return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", program.output)]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Visitor:
    """Asks again and again over one connection, and over a new one as soon as it is told to. Forgives nothing."""

    def __init__(self, program: Program) -> None:
        self._port = program.port
        self.answered = 0
        self.on = True

    async def visit(self) -> None:
        while self.on:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            closing = False
            while self.on and not closing:
                writer.write(REQUEST)
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 "), head
                length = re.search(rb"content-length: (\d+)", head)
                assert length is not None, head
                await reader.readexactly(int(length[1]))
                closing = b"connection: close" in head
                self.answered += 1
                await asyncio.sleep(0.001)
            writer.close()


@asynccontextmanager
async def under_load(program: Program) -> AsyncIterator[list[Visitor]]:
    """Visitors, each of whose requests has to be answered."""
    visitors = [Visitor(program) for _ in range(6)]
    async with asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(visitor.visit())
        try:
            yield visitors
        finally:
            for visitor in visitors:
                visitor.on = False


async def test_a_hang_up_replaces_the_workers_one_by_one_and_no_request_fails(
    settings: dict[str, str], tmp_path: Path
) -> None:
    async with running(tmp_path, workers=2, **settings) as (program, house):
        await until(lambda: len(started(program)) == 2, "both serve")
        async with under_load(program) as visitors:
            client = await house.add_client()
            held = await HeldRequest(
                program, "/oauth2/token", client, grant_type="client_credentials"
            ).begin()
            program.tell(signal.SIGHUP)
            await until(lambda: len(started(program)) == 3, "a first successor serves")
            held.finish()
            assert (await held.answer()).startswith(b"HTTP/1.1 200 ")
            await until(lambda: len(started(program)) == 4, "a second successor serves")
            old, new = started(program)[:2], started(program)[2:]
            await until(lambda: not any(is_there(pid) for pid in old), "the old ones have left")
            before = [visitor.answered for visitor in visitors]
            await until(
                lambda: all(visitor.answered > n for visitor, n in zip(visitors, before, strict=True)),
                "everybody is served by the new ones",
            )
        assert all(is_there(pid) for pid in new)
        program.tell(signal.SIGTERM)
        assert await program.exit_status() == 0
    assert "ended with status" not in program.output


async def figures(port: int) -> dict[str, float]:
    """What the listener tells, added up over labels."""
    async with httpx2.AsyncClient() as http:
        text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


async def test_a_killed_worker_is_replaced_and_what_it_counted_stays_counted(
    settings: dict[str, str], tmp_path: Path
) -> None:
    port, folder = free_port(), tmp_path / "temporary"
    folder.mkdir()
    listener = {"METRICS": "listener", "METRICS_LISTEN": f"127.0.0.1:{port}", "TMPDIR": str(folder)}
    async with running(tmp_path, workers=2, **settings, **listener) as (program, house):
        await until(lambda: len(started(program)) == 2, "both serve")
        async with under_load(program) as visitors:
            await until(lambda: all(visitor.answered > 50 for visitor in visitors), "they are served")
        answered = sum(visitor.answered for visitor in visitors)

        async def all_counted() -> dict[str, float]:
            async with asyncio.timeout(60):
                while (found := await figures(port)).get("identity_http_requests_total", 0) < answered:
                    await asyncio.sleep(0.05)
            return found

        before = await all_counted()
        assert before["identity_workers"] == before["identity_prepared"] == 2
        assert before["identity_processes"] == 2
        assert before["identity_workers_died_total"] == 0
        assert before["identity_hashing_threads"] == 2 * max(1, usable_cpus() // 2)

        os.kill(started(program)[0], signal.SIGKILL)
        await until(lambda: len(started(program)) == 3, "another one serves in its place")
        assert (await house.http.get("/health/ready")).status_code == 200
        after = await all_counted()
        assert after["identity_http_requests_total"] >= before["identity_http_requests_total"]
        assert after["process_cpu_seconds_total"] >= before["process_cpu_seconds_total"]
        assert after["identity_workers_died_total"] == 1

        program.tell(signal.SIGTERM)
        assert await program.exit_status() == 0
    assert list(folder.iterdir()) == []


async def test_workers_whose_parent_was_killed_stop_by_themselves(
    settings: dict[str, str], tmp_path: Path
) -> None:
    async with running(tmp_path, workers=2, **settings) as (program, _):
        await until(lambda: len(started(program)) == 2, "both serve")
        program.tell(signal.SIGKILL)
        await until(lambda: not any(is_there(pid) for pid in started(program)), "nobody is left behind")


async def test_one_more_and_one_less_by_signal(settings: dict[str, str], tmp_path: Path) -> None:
    async with running(tmp_path, workers=2, **settings) as (program, _):
        await until(lambda: len(started(program)) == 2, "both serve")
        program.tell(signal.SIGTTIN)
        await until(lambda: len(started(program)) == 3, "a third one serves")
        for number in (2, 1):
            program.tell(signal.SIGTTOU)
            await until(
                lambda number=number: [is_there(pid) for pid in started(program)].count(True) == number,
                f"{number} are left",
            )
        program.tell(signal.SIGTERM)
        assert await program.exit_status() == 0


async def test_a_successor_that_cannot_start_leaves_everything_as_it_was(
    settings: dict[str, str], tmp_path: Path
) -> None:
    async with running(tmp_path, workers=2, **settings) as (program, house):
        await until(lambda: len(started(program)) == 2, "both serve")
        (tmp_path / ".env").write_text("ACCESS_TOKEN_TTL_SECONDS=never\n")
        program.tell(signal.SIGHUP)
        await until(lambda: "the old workers go on" in program.output, "it was given up")
        assert all(is_there(pid) for pid in started(program))
        assert (await house.http.get("/health/ready")).status_code == 200

        (tmp_path / ".env").write_text("")
        program.tell(signal.SIGHUP)
        await until(lambda: len(started(program)) == 4, "they are replaced now")


async def test_workers_that_cannot_start_at_all_end_the_parent_with_their_status(
    settings: dict[str, str], tmp_path: Path
) -> None:
    url = settings.pop("database_url")
    program = Program(tmp_path, environment(tmp_path, url, **settings), workers=2)
    program.settings = {**program.settings, "MASTER_KEY": "AAAA"}
    program.start()
    try:
        assert await program.exit_status() == 3
    finally:
        program.kill()
    assert "MASTER_KEY: " in program.output


async def held_sign_in(program: Program, house: House) -> HeldRequest:
    await house.add_user()
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    return await HeldRequest(program, "/oauth2/token", await house.add_client(), **form).begin()


async def test_ctrl_c_reaches_the_whole_group_and_still_breaks_nothing_off(
    settings: dict[str, str], tmp_path: Path
) -> None:
    async with running(tmp_path, workers=2, **settings) as (program, house):
        signing_in = await held_sign_in(program, house)
        os.killpg(program.pid, signal.SIGINT)
        await until(lambda: "Shutting down" in program.output, "it stops")
        signing_in.finish()
        assert (await signing_in.answer()).startswith(b"HTTP/1.1 200 ")
        assert await program.exit_status() == 0


async def test_a_second_signal_ends_all_of_them_at_once_and_the_status_tells(
    settings: dict[str, str], tmp_path: Path
) -> None:
    async with running(tmp_path, workers=2, SHUTDOWN_GRACE_SECONDS="600", **settings) as (program, house):
        signing_in = await held_sign_in(program, house)
        program.tell(signal.SIGTERM)
        await until(lambda: "Shutting down" in program.output, "it stops")
        program.tell(signal.SIGTERM)
        assert await signing_in.answer() == b""
        assert await program.exit_status() == 1
