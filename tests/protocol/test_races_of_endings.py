"""An ending meets whatever is under way: the ending wins, or nothing is left alive (PROTOCOL §3, epochs)."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api_caller import person, program
from tests.house import PASSWORD, House, open_house, settings_for
from tests.visitor import Pkce, app_of, told, visitor_of

pytestmark = pytest.mark.every_storage
NEW_PASSWORD = "another long password"
ENDINGS = [
    ("POST", "/users/{user}/deactivate", None),
    ("POST", "/users/{user}/set-password", {"password": NEW_PASSWORD}),
    ("PATCH", "/users/{user}", {"admin": True}),
    ("DELETE", "/users/{user}", None),
    ("POST", "/clients/{client}/deactivate", None),
    ("POST", "/clients/{client}/rotate-secret", {"overlap_seconds": 0}),
    ("DELETE", "/clients/{client}", None),
]
BACK = {
    "/users/{user}/deactivate": "/users/{user}/activate",
    "/clients/{client}/deactivate": "/clients/{client}/activate",
}


class Gate:
    """Holds a call of the hasher, once it is done, until `open()`."""

    def __init__(self, held: Callable[..., Any]) -> None:
        self._held = held
        self._open = asyncio.Event()
        self.reached = asyncio.Event()

    async def __call__(self, *arguments: Any, **named: Any) -> Any:
        outcome = await self._held(*arguments, **named)
        self.reached.set()
        await self._open.wait()
        return outcome

    def open(self) -> None:
        self._open.set()


def gate(house: House, monkeypatch: pytest.MonkeyPatch, method: str) -> Gate:
    """Put a gate behind a method of the password hasher."""
    hasher = house.container.hasher()
    made = Gate(getattr(hasher, method))
    monkeypatch.setattr(hasher, method, made)
    return made


@pytest.mark.parametrize(("method", "path", "members"), ENDINGS)
async def test_s3_who_was_ended_while_the_password_was_hashed_gets_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, method: str, path: str, members: dict[str, Any] | None
) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    named = {"user": user.id, "client": client.id}
    hashing = gate(house, monkeypatch, "verify")

    signing_in = asyncio.create_task(
        house.token(client, grant_type="password", username="alice", password=PASSWORD)
    )
    await hashing.reached.wait()
    ended = await admin(method, path.format(**named), json=members)
    if path in BACK:
        await admin("POST", BACK[path].format(**named))
    hashing.open()
    answer = await signing_in

    assert ended.status_code in (200, 204)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


async def test_s3_without_an_ending_the_same_sign_in_succeeds(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()
    hashing = gate(house, monkeypatch, "verify")

    signing_in = asyncio.create_task(house.sign_in(client))
    await hashing.reached.wait()
    await admin("PATCH", f"/users/{user.id}", json={"name": "Alice"})
    await admin("PATCH", f"/clients/{client.id}", json={"client_name": "New"})
    hashing.open()

    assert await house.is_active(client, (await signing_in)["access_token"])


@pytest.mark.parametrize(("method", "path", "members"), ENDINGS[:4])
async def test_s3_of_sign_ins_beside_an_ending_none_is_left_alive(
    house: House, method: str, path: str, members: dict[str, Any] | None
) -> None:
    admin = await program(house)
    user, client = await house.add_user(), await house.add_client()

    async def sign_in() -> list[str]:
        answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
        tokens = answer.json()
        return [tokens[name] for name in ("access_token", "refresh_token") if name in tokens]

    ending = admin(method, path.format(user=user.id), json=members)
    started = await asyncio.gather(sign_in(), sign_in(), ending, sign_in(), sign_in())
    started.pop(2)

    if members == {"admin": True}:  # the account lives on: a sign-in that came later is a good one
        return await only_later_ones_live(house, client, started)
    alive = [token for tokens in started for token in tokens if await house.is_active(client, token)]
    assert alive == []


async def only_later_ones_live(house: House, client: Any, started: list[list[str]]) -> None:
    """A family's tokens live or die together."""
    for tokens in started:
        states = {await house.is_active(client, token) for token in tokens}
        assert len(states) <= 1


async def test_s3_a_password_set_while_another_is_being_set_by_its_owner_stays(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await program(house)
    user = await house.add_user()
    alice = await person(house)
    checking = gate(house, monkeypatch, "verify")

    body = {"password": "chosen by a thief", "current_password": PASSWORD}
    changing = asyncio.create_task(alice("PATCH", "/users/me", json=body))
    await checking.reached.wait()
    await admin.made(f"/users/{user.id}/set-password", password=NEW_PASSWORD)
    checking.open()
    answer = await changing

    assert answer.status_code == 401
    await house.sign_in(await house.add_client(), password=NEW_PASSWORD)


async def test_s7_a_password_hashed_for_an_account_that_is_deleted_meanwhile_is_404(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await program(house)
    user = await house.add_user()
    hashing = gate(house, monkeypatch, "hash")

    path = f"/users/{user.id}/set-password"
    setting = asyncio.create_task(admin("POST", path, json={"password": NEW_PASSWORD}))
    await hashing.reached.wait()
    deleted = await admin("DELETE", f"/users/{user.id}")
    hashing.open()

    assert (deleted.status_code, (await setting).status_code) == (204, 404)


async def test_s7_no_connection_is_held_while_a_password_is_hashed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(
        tmp_path, database_url=database_url, database_pool_size=2, database_pool_timeout_seconds=0.5
    )
    async with open_house(settings) as house:
        admin, user = await program(house), await house.add_user()
        hashing = gate(house, monkeypatch, "hash")
        path, body = f"/users/{user.id}/set-password", {"password": NEW_PASSWORD}

        orders = [asyncio.create_task(admin("POST", path, json=body)) for _ in range(4)]
        await hashing.reached.wait()
        meanwhile = await admin("GET", f"/users/{user.id}")
        hashing.open()

        assert meanwhile.status_code == 200
        assert {order.status_code for order in await asyncio.gather(*orders)} == {200}


@pytest.mark.parametrize("taken_back", [True, False])
async def test_s3_no_code_is_made_for_a_consent_that_is_taken_back_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch, taken_back: bool
) -> None:
    admin, user, client = await program(house), await house.add_user(), await app_of(house)
    way = house.container.sign_in.way()
    go_on = way.go_on

    async def go_on_when_it_is_taken_back(*arguments: Any, **named: Any) -> Any:
        if taken_back:
            answer = await admin("DELETE", f"/users/{user.id}/consents/{client.id}")
            assert answer.status_code == 204
        return await go_on(*arguments, **named)

    async with visitor_of(house) as visitor:
        login = await visitor.to_page(await visitor.ask(client, Pkce.new()))
        consent = await visitor.to_page(await login.filled())
        monkeypatch.setattr(way, "go_on", go_on_when_it_is_taken_back)
        answer = told(await consent.submit(action="allow"))

    assert answer.get("error") == ("access_denied" if taken_back else None)
    assert ("code" in answer) is not taken_back
