"""Attack 28 once more: who may choose the address that limits count, guesses for ever."""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from identity_service.adapters.sql.schema import history
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


async def spoofed(house: House) -> list[dict[str, Any]]:
    """What the log of events says of attempts, once they have been written down."""
    await house.container.admission.spoofing()(lambda: True)
    async with house.container.read() as uow:
        rows = await uow._session.execute(
            select(history.events.c.payload, history.event_personal_data.c.data)
            .outerjoin(
                history.event_personal_data, history.event_personal_data.c.event_id == history.events.c.id
            )
            .where(history.events.c.name == "network.forwarding_spoofed")
        )
        return [json.loads(row.payload) | json.loads(row.data) for row in rows]


async def test_attack_34_attempts_to_pass_for_a_proxy_are_one_event(house_with: OpenHouse) -> None:
    async with house_with(trusted_proxies=(PEER,)) as house:
        for path in ("/oauth2/token", "/users/me", "/nothing"):
            await house.http.get(path, headers={"X-Forwarded-For": f"{PEER}, 203.0.113.9"})
        await house.http.get("/users/me", headers={"X-Forwarded-For": "192.168.0.1, 203.0.113.8"})

        assert await spoofed(house) == [
            {"by": "system", "kind": "claimed_proxy", "times": 3, "address": "203.0.113.9"}
        ]


async def test_attack_34_the_header_of_who_is_no_proxy_is_an_event(house_with: OpenHouse) -> None:
    async with house_with(trusted_proxies=("198.51.100.1",)) as house:
        await house.http.get("/users/me", headers={"X-Forwarded-For": "127.0.0.1"})

        assert await spoofed(house) == [
            {"by": "system", "kind": "untrusted_peer", "times": 1, "address": PEER}
        ]


async def test_where_no_proxy_is_named_the_header_is_counted_alone(house_with: OpenHouse) -> None:
    async with house_with() as house:
        await house.http.get("/users/me", headers={"X-Forwarded-For": "127.0.0.1"})

        assert await spoofed(house) == []
        assert house.container.admission.spoofing().counts == {"untrusted_peer": 1}
