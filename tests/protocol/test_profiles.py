"""What people say of themselves, over /users and /users/me."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.value_objects.profile import ADDRESS_MEMBERS, PROFILE_MEMBERS
from tests.api_caller import on_sqlite, person, pointers, program
from tests.house import House

SILENT: dict[str, Any] = dict.fromkeys(PROFILE_MEMBERS) | {"phone_number_verified": False}
ADDRESS = {
    "formatted": None,
    "street_address": "1 Main Street\nBack door",
    "locality": "Oxford",
    "region": None,
    "postal_code": "OX1 1DP",
    "country": "United Kingdom",
}
SAID: dict[str, Any] = {
    "given_name": "Alice",
    "family_name": "Liddell",
    "middle_name": "Pleasance",
    "nickname": "Al",
    "profile": "https://alice.example/about",
    "picture": "https://alice.example/me.png",
    "website": "http://alice.example",
    "gender": "female",
    "birthdate": "1852-05-04",
    "zoneinfo": "Europe/London",
    "locale": "en-GB",
    "phone_number": "+441865276150",
    "address": ADDRESS,
}
WRONG = [
    ({"given_name": ""}, "/given_name"),
    ({"family_name": "\u202enimda"}, "/family_name"),
    ({"nickname": 5}, "/nickname"),
    ({"picture": "javascript:alert(1)"}, "/picture"),
    ({"website": "ftp://alice.example"}, "/website"),
    ({"profile": {"given_name": "Alice"}}, "/profile"),
    ({"birthdate": "4 May 1852"}, "/birthdate"),
    ({"zoneinfo": "../UTC"}, "/zoneinfo"),
    ({"locale": "en_GB"}, "/locale"),
    ({"phone_number": "01865 276150"}, "/phone_number"),
    ({"address": "1 Main Street"}, "/address"),
    ({"address": {"street": "1 Main Street"}}, "/address/street"),
    ({"address": {"locality": "a\0"}}, "/address/locality"),
    ({"address": {"country": 44}}, "/address/country"),
]


def of(user: dict[str, Any]) -> dict[str, Any]:
    """The members this is about."""
    return {member: user[member] for member in PROFILE_MEMBERS}


async def changed_members(house: House) -> list[list[str]]:
    """What the events about changed accounts name, in order."""
    async with house.container.database().engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT payload FROM events WHERE name = 'user.changed' ORDER BY id")
        )
        return [json.loads(row.payload)["members"] for row in rows]


async def test_oidc_core_s5_1_a_created_user_says_what_was_sent(house: House) -> None:
    admin = await program(house)

    silent = await admin.made("/users", username="bob")
    made = await admin.made("/users", username="alice", **SAID, phone_number_verified=True)
    shown = (await admin("GET", f"/users/{made['id']}")).json()

    assert of(silent) == SILENT
    assert of(made) == of(shown) == SAID | {"phone_number_verified": True}


async def test_oidc_core_s5_1_people_say_and_take_back_what_they_say_of_themselves(house: House) -> None:
    await house.add_user()
    alice = await person(house)
    before = (await alice("GET", "/users/me")).json()

    said = await alice("PATCH", "/users/me", json=SAID, headers={"If-Match": '"1"'})
    lost = await alice("PATCH", "/users/me", json={"nickname": "x"}, headers={"If-Match": '"1"'})
    back = await alice("PATCH", "/users/me", json=dict.fromkeys(SAID), headers={"If-Match": '"2"'})

    assert [said.status_code, lost.status_code, back.status_code] == [200, 412, 200]
    assert of(said.json()) == SAID | {"phone_number_verified": False}
    assert of(back.json()) == of(before) == SILENT
    assert back.headers["etag"] == '"3"'
    assert before["updated_at"] < said.json()["updated_at"] < back.json()["updated_at"]


async def test_rfc7396_an_address_is_merged_and_what_is_there_already_is_no_change(house: House) -> None:
    await house.add_user()
    alice = await person(house)
    await alice("PATCH", "/users/me", json={"address": ADDRESS})

    merged = await alice("PATCH", "/users/me", json={"address": {"region": "Oxfordshire", "country": None}})
    same = await alice("PATCH", "/users/me", json={"address": {"region": "Oxfordshire"}, "nickname": None})
    gone = await alice("PATCH", "/users/me", json={"address": dict.fromkeys(ADDRESS_MEMBERS)})

    assert merged.json()["address"] == ADDRESS | {"region": "Oxfordshire", "country": None}
    assert (merged.headers["etag"], same.headers["etag"]) == ('"3"', '"3"')
    assert gone.json()["address"] is None


async def test_oidc_core_s5_1_a_number_is_verified_by_an_administrator_until_it_changes(house: House) -> None:
    admin, user = await program(house), await house.add_user()
    alice = await person(house)
    number = {"phone_number": "+441865276150"}

    told = await alice("PATCH", "/users/me", json=number)
    verified = await admin("PATCH", f"/users/{user.id}", json={"phone_number_verified": True})
    same = await alice("PATCH", "/users/me", json=number | {"nickname": "Al"})
    moved = await alice("PATCH", "/users/me", json={"phone_number": "+441865270000"})
    none = await admin(
        "PATCH", f"/users/{user.id}", json={"phone_number": None, "phone_number_verified": True}
    )

    states = [answer.json()["phone_number_verified"] for answer in (told, verified, same, moved)]
    assert states == [False, True, True, False]
    assert (none.status_code, pointers(none)) == (422, ["/phone_number_verified"])


@on_sqlite
@pytest.mark.parametrize(("members", "at"), WRONG)
async def test_oidc_core_s5_1_what_a_claim_cannot_mean_is_422_and_named_at_every_door(
    house: House, members: dict[str, Any], at: str
) -> None:
    admin, user = await program(house), await house.add_user()
    alice = await person(house)

    answers = [
        await admin("POST", "/users", json={"username": "bob"} | members),
        await admin("PATCH", f"/users/{user.id}", json=members),
        await alice("PATCH", "/users/me", json=members),
    ]

    assert [(answer.status_code, pointers(answer)) for answer in answers] == [(422, [at])] * 3
    assert of((await alice("GET", "/users/me")).json()) == SILENT


async def test_an_event_names_what_of_the_profile_has_changed_and_not_what_it_says(house: House) -> None:
    user = await house.add_user()
    alice, admin = await person(house), await program(house)

    await alice("PATCH", "/users/me", json={"nickname": "Al", "website": None, "name": "Alice"})
    await admin("PATCH", f"/users/{user.id}", json={"profile": "https://alice.example"})

    assert await changed_members(house) == [["name", "nickname"], ["profile"]]


async def test_s3_what_people_say_of_themselves_ends_no_token(house: House) -> None:
    await house.add_user()
    client = await house.add_client()
    token = (await house.sign_in(client))["access_token"]
    alice = await person(house)

    assert (await alice("PATCH", "/users/me", json=SAID)).status_code == 200

    assert await house.is_active(client, token)
