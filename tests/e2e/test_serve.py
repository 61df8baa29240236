"""`identity-service serve` as a process (PROTOCOL §8)."""

import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from tests.migrated import copy_of
from tests.running import Program, environment

SERVE = (sys.executable, "-m", "identity_service.cli", "serve")


@asynccontextmanager
async def serving(
    folder: Path, template: Path, *options: str, **changes: str
) -> AsyncIterator[tuple[Program, httpx2.AsyncClient]]:
    """A server that this command line runs, once it is ready."""
    program = Program(folder, environment(folder, copy_of(template, folder), **changes))
    program.command = (*SERVE, "--port", str(program.port), *options)
    program.start()
    try:
        async with httpx2.AsyncClient(base_url=program.url) as http:
            await program.answers(http, "/health/ready", 200)
            yield program, http
    finally:
        program.kill()


async def test_s8_serve_serves_until_it_is_told_to_stop_and_ends_with_0(
    tmp_path: Path, sqlite_template: Path
) -> None:
    async with serving(tmp_path, sqlite_template, "--json", LOG_FORMAT="console") as (program, _):
        program.tell(signal.SIGTERM)
        assert await program.exit_status() == 0
    assert all(json.loads(line) for line in program.output.splitlines())


@pytest.mark.all
async def test_s8_an_issuer_that_nobody_set_and_that_is_not_served_is_told(
    tmp_path: Path, sqlite_template: Path
) -> None:
    async with serving(tmp_path, sqlite_template, ISSUER="") as (program, _):
        assert f"ISSUER is not set: tokens name http://127.0.0.1:8000, yet {program.url}" in program.output
    program.log.unlink()
    async with serving(tmp_path, sqlite_template) as (program, _):
        assert "ISSUER" not in program.output


@pytest.mark.all
async def test_s8_the_query_side_gives_no_tokens(tmp_path: Path, sqlite_template: Path) -> None:
    async with serving(tmp_path, sqlite_template) as (_, http):
        assert (await http.post("/oauth2/token")).status_code == 400
    async with serving(tmp_path, sqlite_template, "--side", "query") as (_, http):
        assert (await http.post("/oauth2/token")).status_code == 404
