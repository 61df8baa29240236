"""Attack 28 once more: who may choose the address that limits count, guesses for ever."""

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.house import House, Registered
from tests.migrated import copy_of
from tests.running import Program, environment, house_of

GUESSES = 11
PEER = "192.0.2.7"
"""Where the requests of a house come from."""
OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


async def guessed(house: House, client: Registered, *forwarded: str) -> int:
    """The status of the last of so many guesses, each of which claims the next of these addresses."""
    form = {"grant_type": "password", "username": "nobody", "password": "wrong"}
    for number in range(GUESSES):
        headers = {"X-Forwarded-For": forwarded[number % len(forwarded)]}
        answer = await house.http.post("/oauth2/token", data=form, auth=client.basic, headers=headers)
    return answer.status_code


MANY = tuple(f"203.0.113.{number}" for number in range(GUESSES))


@pytest.mark.parametrize("trusted", [(), ("198.51.100.0/24",)], ids=["nobody is trusted", "somebody else is"])
async def test_attack_28_a_forged_header_gives_nobody_more_guesses(
    house_with: OpenHouse, trusted: tuple[str, ...]
) -> None:
    async with house_with(trusted_proxies=trusted) as house:
        assert await guessed(house, await house.add_client(), *MANY) == 429


async def test_attack_28_behind_a_trusted_proxy_each_caller_has_guesses_of_its_own(
    house_with: OpenHouse,
) -> None:
    async with house_with(trusted_proxies=(PEER,)) as house:
        client = await house.add_client()
        assert await guessed(house, client, *MANY) == 400
        assert await guessed(house, client, "203.0.113.250") == 429
        assert await guessed(house, client, "203.0.113.251") == 429
        assert await guessed(house, client, *(f"{made_up}, 203.0.113.252" for made_up in MANY)) == 429


async def test_attack_28_a_uvicorn_that_believes_loopback_gives_nobody_more_guesses(
    sqlite_template: Path, tmp_path: Path
) -> None:
    url = copy_of(sqlite_template, tmp_path)
    program = Program(tmp_path, environment(tmp_path, url))
    program.command = (
        *(sys.executable, "-m", "uvicorn", "identity_service.main:app", "--proxy-headers"),
        *("--port", str(program.port)),
    )
    program.start()
    try:
        async with house_of(program, url) as house:
            await program.answers(house.http, "/health/ready", 200)
            assert (
                await guessed(house, await house.add_client(), *(f"{address}:80" for address in MANY)) == 429
            )
    finally:
        program.kill()
