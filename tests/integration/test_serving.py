"""The ways to start a server process, and what one refuses before the application sees it."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.migrated import copy_of
from tests.running import Program, environment, house_of, running
from tests.servers.databases import Databases

WARNING = "each worker process counts requests and attempts for itself"


async def test_several_uvicorn_workers_on_postgres_without_redis_are_right_and_say_what_is_per_process(
    postgres: Databases, tmp_path: Path
) -> None:
    url = await postgres.database()
    program = Program(tmp_path, environment(tmp_path, url))
    program.command = (
        *(sys.executable, "-m", "uvicorn", "identity_service.main:app", "--workers", "2"),
        *("--port", str(program.port)),
    )
    program.start()
    try:
        async with house_of(program, url) as house:
            await program.answers(house.http, "/health/ready", 200)
            await house.add_user()
            client = await house.add_client()
            tokens = await house.sign_in(client)
            answers = [await house.is_active(client, tokens["access_token"]) for _ in range(8)]
            assert answers == [True] * 8
        assert (await answers_to_an_offer(program.port)).count(b"HTTP/1.1 ") == 1
        program.tell(signal.SIGTERM)
        assert await program.exit_status() == 0
    finally:
        program.kill()
    assert program.output.count(WARNING) == 1


async def answers_to_an_offer(port: int) -> bytes:
    """All that comes back when another protocol is offered and the body looks like a request (RFC 9110 §7.8)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    offer = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    writer.write(
        b"POST /oauth2/introspect HTTP/1.1\r\nHost: 127.0.0.1\r\n%bContent-Length: %d\r\n\r\n"
        % (offer, len(body))
    )
    try:
        first = await reader.readuntil(b"\r\n\r\n")
        writer.write(body)
        return first + await reader.read()
    except ConnectionError:
        return first
    finally:
        writer.transport.abort()


@pytest.mark.all
async def test_one_process_says_nothing_of_the_kind(sqlite_template: Path, tmp_path: Path) -> None:
    async with running(tmp_path, copy_of(sqlite_template, tmp_path)) as (program, _):
        assert WARNING not in program.output


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"BCRYPT_COST": "99"}, "BCRYPT_COST: wants a whole number from 4 to 16"),
        ({"ENVIRONMENT": "production", "RATE_LIMITS": "off"}, "RATE_LIMITS: wants `on` in production"),
    ],
)
async def test_s9_a_setting_that_cannot_be_used_stops_uvicorn_with_one_line(
    sqlite_template: Path, tmp_path: Path, changes: dict[str, str], line: str
) -> None:
    program = Program(tmp_path, environment(tmp_path, copy_of(sqlite_template, tmp_path), **changes))
    program.command = (sys.executable, "-m", "uvicorn", "identity_service.main:app")
    program.start()
    assert await program.exit_status() == 3
    assert program.output.splitlines() == [line]


@pytest.mark.parametrize(("size", "status"), [(60_000, b"200"), (8_000_000, b"431")])
async def test_attack_35_a_head_is_kept_up_to_64_kib_and_one_read(
    sqlite_template: Path, tmp_path: Path, size: int, status: bytes
) -> None:
    async with running(tmp_path, copy_of(sqlite_template, tmp_path)) as (program, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", program.port)
        head = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Long: %b\r\n\r\n"
        try:
            writer.write(head % (b"a" * size))
            answer = await reader.readuntil(b"\r\n")
        finally:
            writer.transport.abort()
        assert answer.split()[1] == status


async def test_rfc9110_s9_3_2_head_is_answered_without_a_body_and_the_connection_goes_on(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async with running(tmp_path, copy_of(sqlite_template, tmp_path)) as (program, house):
        for _ in range(3):
            for path in ("/health/live", "/.well-known/jwks.json", "/oauth2/token", "/nowhere"):
                answer = await house.http.head(path)
                assert answer.content == b""
        assert (await house.http.get("/health/live")).status_code == 200
    assert "Exception" not in program.output
    assert "a request failed" not in program.output
