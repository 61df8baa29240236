"""Many addresses guess at one account: nobody is locked out by strangers, and nobody guesses for ever (attack 28)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from identity_service.application.authentication.doors import Door
from identity_service.application.authentication.user import HELD_BACK
from tests.doors import HERE, at, login_page, password_grant
from tests.house import PASSWORD, House, Registered
from tests.visitor import app_of

OpenHouse = Callable[..., AbstractAsyncContextManager[House]]
OF_SOURCE, OF_ACCOUNT = 2, 6


@pytest.fixture
async def house(house_with: OpenHouse) -> AsyncIterator[House]:
    """A server where six wrong guesses of strangers are an attack, and two are judged meanwhile; alice is there."""
    async with house_with(guess_limit=OF_SOURCE, guess_account_limit=OF_ACCOUNT) as opened:
        await opened.add_user()
        yield opened


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


async def sign_in(
    house: House, client: Registered, address: str, password: str = PASSWORD, name: str = "alice"
) -> int:
    async with at(house, address) as http:
        return (await password_grant(http, client, name, password)).status_code


async def attack(house: House, client: Registered, name: str = "alice", *, guesses: int = OF_ACCOUNT) -> None:
    """As many wrong passwords, each from a network of its own."""
    for number in range(guesses):
        assert await sign_in(house, client, f"203.0.{number}.1", "wrong", name) == 400


async def events(house: House, name: str) -> list[dict[str, Any]]:
    async with house.container.database().engine.begin() as connection:
        found = await connection.execute(
            text("SELECT payload FROM events WHERE name = :name ORDER BY id"), {"name": name}
        )
    return [orjson.loads(row.payload) for row in found]


async def test_before_the_limit_a_stranger_is_let_in(house: House, client: Registered) -> None:
    await attack(house, client, guesses=OF_ACCOUNT - 1)

    assert await sign_in(house, client, HERE) == 200


async def test_one_address_alone_slows_nobody(house: House, client: Registered) -> None:
    for _ in range(5 * OF_ACCOUNT):
        await sign_in(house, client, "203.0.113.1", "wrong")
    for number in range(OF_SOURCE + 1):
        assert await sign_in(house, client, f"198.51.{number}.1") == 200


async def test_during_an_attack_so_many_strangers_are_still_judged(house: House, client: Registered) -> None:
    await attack(house, client)

    assert await sign_in(house, client, HERE) == 200


async def test_then_a_right_password_of_a_stranger_is_answered_as_a_wrong_one(
    house: House, client: Registered
) -> None:
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)
    async with at(house) as http:
        right = await password_grant(http, client, "alice", PASSWORD)
        wrong = await password_grant(http, client, "nobody", "wrong")

    assert (right.status_code, right.content, right.headers["cache-control"]) == (
        wrong.status_code,
        wrong.content,
        wrong.headers["cache-control"],
    )
    assert (await events(house, "user.sign_in_failed"))[-2]["reason"] == HELD_BACK


async def test_a_right_password_that_is_held_back_costs_its_source_a_guess(
    house: House, client: Registered
) -> None:
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)

    assert [await sign_in(house, client, HERE) for _ in range(OF_SOURCE + 1)] == [400] * OF_SOURCE + [429]


async def test_a_network_has_one_turn_however_many_addresses_it_has(house: House, client: Registered) -> None:
    await attack(house, client)
    for number in range(20):
        assert await sign_in(house, client, f"203.0.113.{number}", "wrong") == 400

    assert await sign_in(house, client, HERE) == 200


async def test_a_browser_that_signed_in_before_is_let_in_from_anywhere(
    house: House, client: Registered
) -> None:
    app = await app_of(house)
    async with at(house, "192.0.2.1") as http:
        assert (
            await (await login_page(house, http, app)).submit(username="alice", password=PASSWORD)
        ).status_code == 303
        cookie = http.cookies["__Host-identity-devices"]
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)
    async with at(house) as http:
        http.cookies.set("__Host-identity-devices", cookie)
        page = await login_page(house, http, app)
        assert (await page.submit(username="alice", password=PASSWORD)).status_code == 303


@pytest.mark.parametrize("cookie", [None, "A" * 43, "!" * 43, "another account's"])
async def test_a_browser_without_such_a_cookie_is_a_stranger(
    house: House, client: Registered, cookie: str | None
) -> None:
    app = await app_of(house)
    if cookie == "another account's":
        await house.add_user("bob")
        async with at(house, "192.0.2.1") as http:
            await (await login_page(house, http, app)).submit(username="bob", password=PASSWORD)
            cookie = http.cookies["__Host-identity-devices"]
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)
    async with at(house) as http:
        if cookie is not None:
            http.cookies.set("__Host-identity-devices", cookie)
        page = await login_page(house, http, app)
        assert (await page.submit(username="alice", password=PASSWORD)).status_code == 400


async def test_a_known_browser_may_guess_no_more_than_others(house: House) -> None:
    app = await app_of(house)
    async with at(house) as http:
        await (await login_page(house, http, app)).submit(username="alice", password=PASSWORD)
        http.cookies.delete("__Host-identity-session")
        statuses = [
            (await (await login_page(house, http, app)).submit(username="alice", password=secret)).status_code
            for secret in ["wrong"] * OF_SOURCE + [PASSWORD]
        ]

    assert statuses == [400] * OF_SOURCE + [429]


async def test_the_cookie_is_for_the_server_alone(house: House) -> None:
    app = await app_of(house)
    async with at(house) as http:
        answer = await (await login_page(house, http, app)).submit(username="alice", password=PASSWORD)
    [cookie] = [each for each in answer.headers.get_list("set-cookie") if "identity-devices" in each]

    assert cookie.startswith("__Host-identity-devices=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))


async def test_an_address_that_somebody_signed_in_from_is_let_in(house: House, client: Registered) -> None:
    assert await sign_in(house, client, HERE) == 200
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)

    assert await sign_in(house, client, HERE) == 200
    assert await sign_in(house, client, "198.51.100.9") == 400


async def test_a_new_password_ends_the_attack_for_strangers(house: House, client: Registered) -> None:
    await attack(house, client, guesses=OF_ACCOUNT + OF_SOURCE)
    async with house.container.begin() as uow:
        user = await uow.users.by_username("alice")
        new = await house.container.hasher().hash("a new passphrase", address=None)
        await uow.users.change(user.id, {"password_hash": new}, version=None, raise_epoch=True)
        await uow.commit()

    assert await sign_in(house, client, HERE, "a new passphrase") == 200


async def test_attack_35_a_flood_at_one_account_is_recorded_by_its_sums(
    house: House, client: Registered
) -> None:
    await attack(house, client, guesses=40)

    sums = await events(house, "user.sign_ins_failed")
    assert len(await events(house, "user.sign_in_failed")) == OF_SOURCE
    assert [each["attempts"] for each in sums] == [4, OF_ACCOUNT + 1, 8, 16, 32]
    assert {each["sources"] for each in sums} == {"stranger"}


async def test_an_attack_is_told_to_the_person_to_the_operator_and_to_metrics(
    house: House, client: Registered
) -> None:
    alice = await house.app.state.services.users.get_user.named("alice")
    show = house.app.state.services.users.show_guessing
    assert await show(alice.id) is None
    await attack(house, client, guesses=OF_ACCOUNT + 1)

    told = await show(alice.id)
    activity = await house.app.state.services.users.list_activity(alice.id)
    throttle = house.container.authentication.throttle()
    assert (told.attempts, told.sources, told.address) == (OF_ACCOUNT + 1, "stranger", "203.0.6.1")
    assert activity.items[0].name == "user.sign_ins_failed"
    assert throttle.attacks == 1
    assert throttle.outcomes == {(Door.PASSWORD_GRANT, "wrong"): OF_ACCOUNT + 1}
    await attack(house, client, guesses=OF_ACCOUNT)
    assert throttle.attacks == 1
    assert throttle.outcomes[Door.PASSWORD_GRANT, "held_back"] > 0


async def test_attack_35_names_that_nobody_has_are_summed_up_together(
    house: House, client: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity_service.application.authentication.throttle.OF_NOBODY", 5)
    for number in range(20):
        await attack(house, client, f"nobody-{number}", guesses=1)

    assert len(await events(house, "user.sign_in_failed")) == 5
    assert [each["attempts"] for each in await events(house, "user.sign_ins_failed")] == [8, 16]
