"""A server that is told to stop says so, finishes what is under way, takes nothing new, and ends with status 0."""

import asyncio
import signal
from pathlib import Path

import httpx2
import pytest

from tests.held_request import HeldRequest
from tests.house import PASSWORD, House
from tests.migrated import copy_of
from tests.running import Program, running, until
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer

SLOW = "16"  # bcrypt's cost: seconds for a hash


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


async def held_sign_in(program: Program, house: House) -> HeldRequest:
    await house.add_user()
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    return await HeldRequest(program, "/oauth2/token", await house.add_client(), **form).begin()


async def refuses_connections(program: Program) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with httpx2.AsyncClient(base_url=program.url) as stranger:
                    await stranger.get("/health/live")
            except httpx2.ConnectError:
                return
            except httpx2.TransportError:
                continue  # it was let in and turned out in the same moment


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(also, marks=pytest.mark.all) for also in (signal.SIGINT, signal.SIGHUP))],
)
async def test_a_sign_in_under_way_is_hashed_and_answered_while_new_connections_are_refused(
    database: str, tmp_path: Path, number: signal.Signals
) -> None:
    async with running(tmp_path, database, BCRYPT_COST="10") as (program, house):
        signing_in = await held_sign_in(program, house)
        program.tell(number)
        await refuses_connections(program)
        signing_in.finish()
        assert (await signing_in.answer()).startswith(b"HTTP/1.1 200 ")
        assert await program.exit_status() == 0


@pytest.mark.all
async def test_several_workers_finish_what_is_under_way_too(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path
) -> None:
    url = await postgres.database()
    async with running(tmp_path, url, workers=2, REDIS_URL=redis_server.url) as (program, house):
        signing_in = await held_sign_in(program, house)
        program.tell(signal.SIGTERM)
        await refuses_connections(program)
        signing_in.finish()
        assert (await signing_in.answer()).startswith(b"HTTP/1.1 200 ")
        assert await program.exit_status() == 0


async def test_ready_says_503_at_once_while_requests_are_served_for_the_delay(
    database: str, tmp_path: Path
) -> None:
    metrics = {"METRICS": "guarded", "METRICS_TOKEN": "a" * 32}
    async with running(tmp_path, database, SHUTDOWN_DELAY_SECONDS="60", **metrics) as (program, house):
        client = await house.add_client()
        program.tell(signal.SIGTERM)
        answer = await program.answers(house.http, "/health/ready", 503)
        assert answer.json() == {"status": "not ready", "reasons": ["the server is stopping"]}
        assert answer.headers["retry-after"] == "1"
        assert (await house.http.get("/health")).status_code == 200
        told = await house.http.get("/metrics", headers={"Authorization": f"Bearer {'a' * 32}"})
        assert {"identity_draining 1", "identity_http_requests_in_flight 1"} <= set(told.text.splitlines())
        assert (await house.token(client, grant_type="client_credentials")).status_code == 200

        program.tell(signal.SIGTERM)  # nobody needs to sit the delay out
        assert await program.exit_status() == 0


@pytest.mark.all
async def test_a_hash_that_takes_longer_than_the_grace_is_broken_off(database: str, tmp_path: Path) -> None:
    slow = {"BCRYPT_COST": SLOW, "SHUTDOWN_GRACE_SECONDS": "1"}
    async with running(tmp_path, database, **slow) as (program, house):
        signing_in = await held_sign_in(program, house)
        signing_in.finish()
        program.tell(signal.SIGTERM)
        assert not (await signing_in.answer()).startswith(b"HTTP/1.1 200 ")
        assert await program.exit_status() == 1
        assert "longer than SHUTDOWN_GRACE_SECONDS" in program.output


async def test_a_second_signal_ends_it_at_once(database: str, tmp_path: Path) -> None:
    async with running(tmp_path, database, SHUTDOWN_GRACE_SECONDS="600") as (program, house):
        signing_in = await held_sign_in(program, house)
        program.tell(signal.SIGTERM)
        await until(lambda: "Shutting down" in program.output, "the server is stopping")
        program.tell(signal.SIGTERM)
        assert await signing_in.answer() == b""
        assert await program.exit_status() == 1
