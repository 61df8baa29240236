"""/users/me, promise by promise."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.api_caller import on_sqlite, person, pointers, program
from tests.house import PASSWORD, House

NEW_PASSWORD = "another long password"
PROOF = {"current_password": PASSWORD}


async def names_of_events(house: House) -> list[str]:
    async with house.container.database().engine.connect() as connection:
        return [row.name for row in await connection.execute(text("SELECT name FROM events ORDER BY id"))]


async def test_s1_people_see_their_own_account(house: House) -> None:
    user = await house.add_user()
    alice = await person(house)

    answer = await alice("GET", "/users/me")

    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["username"]) == (user.id, "alice")
    assert answer.headers["etag"] == '"1"'


async def test_s1_people_change_their_own_names_and_an_own_address_is_unverified(house: House) -> None:
    await house.add_user()
    alice = await person(house)

    answer = await alice(
        "PATCH",
        "/users/me",
        json={"name": "Alice Liddell", "username": "alicia", "email": "new@example.org"} | PROOF,
        headers={"If-Match": '"1"'},
    )

    assert answer.status_code == 200
    changed = answer.json()
    assert (changed["name"], changed["username"], changed["email"]) == (
        "Alice Liddell",
        "alicia",
        "new@example.org",
    )
    assert changed["email_verified"] is False
    assert (await alice("GET", "/users/me")).json() == changed
    lost = await alice("PATCH", "/users/me", json={"name": "x"}, headers={"If-Match": '"1"'})
    assert lost.status_code == 412


@on_sqlite
@pytest.mark.parametrize(
    "member",
    [
        *("admin", "active", "email_verified", "phone_number_verified"),
        *("id", "scope", "epoch", "password_hash"),
    ],
)
async def test_attack_33_nobody_promotes_themselves(house: House, member: str) -> None:
    await house.add_user()
    alice = await person(house)

    answer = await alice("PATCH", "/users/me", json={member: True})

    assert (answer.status_code, pointers(answer)) == (422, [f"/{member}"])
    assert (await alice("GET", "/users/me")).json()["admin"] is False


async def test_s7_an_own_at_sign_needs_the_own_verified_address(house: House) -> None:
    await house.add_user()
    alice = await person(house)

    own = await alice("PATCH", "/users/me", json={"username": "alice@example.org"} | PROOF)
    foreign = await alice("PATCH", "/users/me", json={"username": "bob@example.org"} | PROOF)
    claimed = await alice(
        "PATCH", "/users/me", json={"username": "bob@example.org", "email": "bob@example.org"} | PROOF
    )
    moved = await alice("PATCH", "/users/me", json={"email": "elsewhere@example.org"} | PROOF)

    assert own.status_code == 200
    for answer in (foreign, claimed, moved):
        assert (answer.status_code, pointers(answer)) == (422, ["/username"])


async def test_s7_a_taken_username_is_409(house: House) -> None:
    await house.add_user()
    await house.add_user("bob")
    alice = await person(house)

    answer = await alice("PATCH", "/users/me", json={"username": "BOB"} | PROOF)

    assert (answer.status_code, pointers(answer)) == (409, ["/username"])


async def test_attack_27_an_own_address_tells_nothing_of_others(house: House) -> None:
    await house.add_user()
    await house.add_user("bob")
    alice = await person(house)

    taken = await alice("PATCH", "/users/me", json={"email": "bob@example.org"} | PROOF)
    free = await alice("PATCH", "/users/me", json={"email": "nobody@example.org"} | PROOF)

    assert (taken.status_code, free.status_code) == (200, 200)
    assert taken.json()["email_verified"] is False


async def test_s1_a_new_password_needs_the_current_one_and_ends_everything(house: House) -> None:
    await house.add_user()
    client = await house.add_client()
    tokens = await house.sign_in(client)
    alice = await person(house)

    answer = await alice(
        "PATCH", "/users/me", json={"password": NEW_PASSWORD, "current_password": PASSWORD, "name": "A"}
    )

    assert answer.status_code == 200
    assert answer.json()["name"] == "A"
    assert (await alice("GET", "/users/me")).status_code == 401
    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])
    await house.sign_in(client, password=NEW_PASSWORD)


@on_sqlite
@pytest.mark.parametrize(
    "member", [{"username": "mallory"}, {"email": "mallory@example.org"}, {"email": None}]
)
@pytest.mark.parametrize("proof", [{}, {"current_password": None}, {"current_password": "a wrong password"}])
async def test_s1_a_token_alone_does_not_change_what_one_signs_in_by(
    house: House, member: dict[str, Any], proof: dict[str, Any]
) -> None:
    await house.add_user()
    alice = await person(house)

    refused = await alice("PATCH", "/users/me", json={"name": "A"} | member | proof)

    assert (refused.status_code, pointers(refused)) == (422, ["/current_password"])
    shown = await alice("GET", "/users/me")
    assert (shown.json()["username"], shown.json()["email"]) == ("alice", "alice@example.org")
    assert (shown.json()["name"], shown.headers["etag"]) == (None, '"1"')
    assert (await alice("PATCH", "/users/me", json=member | PROOF)).status_code == 200


@on_sqlite
async def test_s1_names_that_stay_as_they_are_need_no_password(house: House) -> None:
    await house.add_user()
    alice = await person(house)

    answer = await alice(
        "PATCH", "/users/me", json={"username": "alice", "email": "alice@example.org", "name": "A"}
    )

    assert (answer.status_code, answer.json()["name"]) == (200, "A")


@on_sqlite
@pytest.mark.parametrize(
    ("members", "at"),
    [
        ({"current_password": "wrong password"}, "/current_password"),
        ({"current_password": ""}, "/current_password"),
        ({"current_password": None}, "/current_password"),
        ({}, "/current_password"),
        ({"current_password": PASSWORD, "password": "short"}, "/password"),
        ({"current_password": PASSWORD, "password": None}, "/password"),
    ],
)
async def test_s1_without_the_current_password_nothing_changes(
    house: House, members: dict[str, Any], at: str
) -> None:
    await house.add_user()
    alice = await person(house)

    answer = await alice("PATCH", "/users/me", json={"password": NEW_PASSWORD, "name": "A"} | members)

    assert (answer.status_code, pointers(answer)) == (422, [at])
    shown = await alice("GET", "/users/me")
    assert (shown.json()["name"], shown.headers["etag"]) == (None, '"1"')
    await house.sign_in(await house.add_client())


async def test_attack_28_the_current_password_cannot_be_guessed_here_either(house: House) -> None:
    await house.add_user()
    alice = await person(house)

    async def guess(password: str) -> int:
        body = {"password": NEW_PASSWORD, "current_password": password}
        answer = await alice("PATCH", "/users/me", json=body)
        assert ("retry-after" in answer.headers) == (answer.status_code == 429)
        return answer.status_code

    statuses = [await guess(f"guess number {n}") for n in range(10)]

    assert statuses == [422] * 10
    assert await guess(PASSWORD) == 429
    assert (await names_of_events(house)).count("user.current_password_refused") == 10


async def test_s1_a_program_has_no_account_of_its_own(house: House) -> None:
    client = await house.add_client(scope="account")
    answer = await house.token(client, grant_type="client_credentials", scope="account")
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    for method in ("GET", "PATCH"):
        answer = await house.http.request(method, "/users/me", headers=headers, json={})

        assert answer.status_code == 403
        assert 'scope="account"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("order", "body"), [("deactivate", {}), ("set-password", {"password": NEW_PASSWORD})]
)
async def test_attack_31_an_ended_person_changes_nothing(
    house: House, order: str, body: dict[str, str]
) -> None:
    admin = await program(house)
    user = await house.add_user()
    alice = await person(house)

    await admin("POST", f"/users/{user.id}/{order}", json=body)

    assert (await alice("PATCH", "/users/me", json={"name": "still here"})).status_code == 401
    assert (await admin("GET", f"/users/{user.id}")).json()["name"] is None


@pytest.mark.parametrize(
    "change", ["epoch = epoch + 1", "active = false"], ids=["a new password", "a deactivation"]
)
async def test_attack_31_what_ends_the_account_while_its_password_is_checked_lets_nobody_change_it(
    house: House, change: str, mocker: Any
) -> None:
    await house.add_user()
    alice, hasher = await person(house), house.container.hasher()
    verify = hasher.verify

    async def slow(*args: Any, **named: Any) -> Any:
        verdict = await verify(*args, **named)
        async with house.container.database().engine.begin() as connection:
            await connection.execute(text(f"UPDATE users SET {change}"))
        return verdict

    mocker.patch.object(hasher, "verify", slow)
    body = {"password": NEW_PASSWORD, "current_password": PASSWORD}
    answer = await alice("PATCH", "/users/me", json=body)

    assert answer.status_code == 401
    assert "user.password_changed" not in await names_of_events(house)
