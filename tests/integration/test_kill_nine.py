"""`kill -9` of the server at any moment loses no token whose answer was sent."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.house import House, Registered
from tests.migrated import copy_of
from tests.running import Program, environment, house_of
from tests.servers.postgres import OwnPostgres

CALLERS = 6
MOST_ANSWERS = 60
"""Of one round: a kill comes after so many answers at the latest."""


@pytest.fixture
def durable(storage: str, request: pytest.FixtureRequest) -> Path | OwnPostgres:
    """What keeps what it has committed: a file, or a PostgreSQL that writes through."""
    return request.getfixturevalue("sqlite_template" if storage == "sqlite" else "own_postgres")  # type: ignore[no-any-return]  # fixtures are untyped


@pytest.fixture
async def durable_url(durable: Path | OwnPostgres, tmp_path: Path) -> str:
    """A database of this test's own on it."""
    return copy_of(durable, tmp_path) if isinstance(durable, Path) else await durable.database()


@dataclass
class Promised:
    """What the server has answered so far: every access token, and the newest refresh token of each caller."""

    answers: int = 0
    access_tokens: list[str] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)

    def note(self, caller: int, members: dict[str, Any]) -> None:
        self.answers += 1
        self.access_tokens.append(members["access_token"])
        if "refresh_token" in members:
            self.heads[caller] = members["refresh_token"]


async def calls(house: House, client: Registered, caller: int, promised: Promised) -> None:
    """Sign in, refresh and fetch tokens until the server is gone."""
    while True:
        head = promised.heads.get(caller)
        form: dict[str, str] = {"grant_type": "client_credentials"}
        if head is not None and random.random() < 0.8:
            form = {"grant_type": "refresh_token", "refresh_token": head}
        try:
            answer = (
                promised.note(caller, await house.sign_in(client))
                if head is None
                else await house.token(client, **form)
            )
        except httpx2.TransportError:
            return
        if answer is not None:
            assert answer.status_code == 200, answer.text
            promised.note(caller, answer.json())


async def a_life_cut_short(program: Program, house: House, client: Registered, promised: Promised) -> None:
    """Put the server under load and kill it at a moment that nobody chose."""
    so_many = promised.answers + random.randint(1, MOST_ANSWERS)
    async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
        for caller in range(CALLERS):
            tasks.create_task(calls(house, client, caller, promised))
        while promised.answers < so_many:
            await asyncio.sleep(0)
        for _ in range(random.randint(0, 50)):
            await asyncio.sleep(0)
        program.kill()


async def holds(house: House, client: Registered, promised: Promised) -> None:
    """Every token that was answered is alive, and every newest refresh token still rotates.

    A refresh that was under way may have been committed and not answered; its caller repeats it and gets the same
    successor (PROTOCOL §4).
    """
    for token in promised.access_tokens:
        assert await house.is_active(client, token)
    promised.access_tokens.clear()
    for caller, head in list(promised.heads.items()):
        answer = await house.token(client, grant_type="refresh_token", refresh_token=head)
        assert answer.status_code == 200, f"a refresh token is lost: {answer.text}"
        promised.note(caller, answer.json())


async def kill_and_check(folder: Path, url: str, times: int) -> None:
    program = Program(folder, environment(folder, url, REFRESH_REUSE_GRACE_SECONDS="300"))
    promised = Promised()
    try:
        async with house_of(program, url) as house:
            await house.add_user()
            client = await house.add_client()
            for _ in range(times):
                program.start()
                await program.answers(house.http, "/health/ready", 200)
                await holds(house, client, promised)
                await a_life_cut_short(program, house, client, promised)
            program.start()
            await program.answers(house.http, "/health/ready", 200)
            await holds(house, client, promised)
    finally:
        program.kill()
    assert '"error"' not in program.output


async def test_five_kills_under_load_lose_no_token_that_was_answered(
    durable_url: str, tmp_path: Path
) -> None:
    await kill_and_check(tmp_path, durable_url, 5)


@pytest.mark.all
async def test_fifty_kills_under_load_lose_no_token_that_was_answered(
    durable_url: str, tmp_path: Path
) -> None:
    await kill_and_check(tmp_path, durable_url, 50)
