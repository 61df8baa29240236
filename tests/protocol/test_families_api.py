"""Token families over REST: who sees them, who ends them, and what ends with them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.application.use_cases.families import end_families
from identity_service.domain.entities.token_event import FamilyEnded
from tests.api_caller import Caller, on_sqlite, person, program
from tests.house import House, Registered
from tests.visitor import Visitor, app_of, visitor_of

NOBODY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"
MEMBERS = {
    *("id", "client_id", "client_name", "user_id", "username", "session_id", "scope", "offline", "auth_time"),
    *("amr", "created_at", "last_used_at", "expires_at", "alive", "ended_at", "ended_reason"),
    *("address", "user_agent", "risk", "findings"),
}


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client(client_name="Shop")


@pytest.fixture
async def visitor(house: House, client: Registered) -> AsyncIterator[Visitor]:
    async with visitor_of(house) as browser:
        yield browser


async def items(caller: Caller, path: str) -> list[dict[str, Any]]:
    answer = await caller("GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def both_active(house: House, client: Registered, tokens: dict[str, Any]) -> tuple[bool, bool]:
    return (
        await house.is_active(client, tokens["access_token"]),
        await house.is_active(client, tokens["refresh_token"]),
    )


async def last_event(house: House) -> tuple[str, str, str, str]:
    async with house.container.database().engine.connect() as connection:
        statement = "SELECT name, actor, subject, payload FROM events ORDER BY id DESC LIMIT 1"
        row = (await connection.execute(text(statement))).one()
    return row.name, row.actor, row.subject, bytes(row.payload).decode()


async def test_a_family_is_shown_with_its_owners_and_when_it_was_used(
    house: House, client: Registered
) -> None:
    tokens = await house.sign_in(client)
    reader = await program(house, "users:read")
    [unused] = await items(reader, "/families")
    await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    [family] = await items(reader, "/families")

    assert family.keys() == MEMBERS
    shown = {name: family[name] for name in ("client_id", "client_name", "username", "scope", "amr")}
    assert shown == {
        "client_id": client.id,
        "client_name": "Shop",
        "username": "alice",
        "scope": "read write",
        "amr": ["pwd"],
    }
    assert (family["alive"], family["ended_at"], family["offline"]) == (True, None, False)
    assert unused["last_used_at"] is None
    assert family["created_at"] <= family["last_used_at"] < family["expires_at"]
    assert (await reader("GET", f"/families/{family['id']}")).json() == family


async def test_families_are_found_by_person_client_session_and_whether_they_live(
    house: House, client: Registered, visitor: Visitor
) -> None:
    bob = await house.add_user("bob")
    await house.sign_in(client, "alice")
    await house.sign_in(client, "bob")
    shop = await app_of(house)
    await visitor.tokens(shop, scope="openid")
    admin = await program(house)
    [of_session] = await items(admin, f"/families?client_id={shop.id}")
    [of_bob] = await items(admin, f"/families?user_id={bob.id}")
    await admin("DELETE", f"/families/{of_bob['id']}")

    async def names(query: str) -> list[str]:
        return [each["username"] for each in await items(admin, f"/families?{query}")]

    assert of_session["session_id"]
    assert await names(f"session_id={of_session['session_id']}") == ["alice"]
    assert await names("") == ["alice", "bob", "alice"]
    assert await names(f"client_id={client.id}") == ["bob", "alice"]
    assert await names(f"client_id={client.id}&alive=true") == ["alice"]
    assert await names("alive=false") == ["bob"]
    for nothing in ("user_id=x", f"user_id={NOBODY}", "session_id=x", "client_id=%00", f"client_id={NOBODY}"):
        assert await names(nothing) == []


async def test_the_listing_has_pages(house: House, client: Registered) -> None:
    for _ in range(5):
        await house.sign_in(client)
    admin = await program(house)
    whole = [each["id"] for each in await items(admin, "/families")]

    seen: list[str] = []
    cursor = ""
    for length in (2, 2, 1):
        answer = (await admin("GET", f"/families?limit=2{cursor}")).json()
        assert len(answer["items"]) == length
        seen += [each["id"] for each in answer["items"]]
        cursor = f"&cursor={answer['next_cursor']}"
    assert cursor.endswith("=None")
    assert seen == whole
    assert (await admin("GET", "/families?cursor=x")).status_code == 422
    assert (await admin("GET", "/families?owner=alice")).status_code == 422


async def test_an_ended_family_is_over_at_once_with_its_access_tokens(
    house: House, client: Registered
) -> None:
    tokens, others = await house.sign_in(client), await house.sign_in(client)
    writer = await program(house, "users:write users:read")
    [_, family] = await items(writer, "/families")

    ended = await writer("DELETE", f"/families/{family['id']}")

    assert (ended.status_code, ended.content) == (204, b"")
    assert await both_active(house, client, tokens) == (False, False)
    assert await both_active(house, client, others) == (True, True)
    refused = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    dead = (await writer("GET", f"/families/{family['id']}")).json()
    assert (dead["alive"], dead["ended_reason"]) == (False, "ended")
    assert dead["ended_at"]
    assert (await writer("DELETE", f"/families/{family['id']}")).status_code == 404
    name, actor, subject, payload = await last_event(house)
    assert (name, subject) == ("family.ended", family["user_id"])
    assert actor not in (client.id, family["user_id"])
    assert '"reason":"ended"' in payload


async def test_a_family_whose_person_was_deactivated_is_dead_and_cannot_be_ended(
    house: House, client: Registered
) -> None:
    await house.sign_in(client)
    admin = await program(house)
    [family] = await items(admin, "/families")
    await admin("POST", f"/users/{family['user_id']}/deactivate")

    [dead] = await items(admin, "/families")

    assert (dead["alive"], dead["ended_at"]) == (False, None)
    assert (await admin("DELETE", f"/families/{family['id']}")).status_code == 404


async def test_all_of_a_person_end_batch_by_batch_and_nobody_elses(
    house: House, client: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_families, "PER_TRANSACTION", 2)
    bob = await house.add_user("bob")
    alices = [await house.sign_in(client) for _ in range(5)]
    bobs = await house.sign_in(client, "bob")
    writer = await program(house, "users:write users:read")
    alice = (await items(writer, "/families"))[-1]["user_id"]

    assert (await writer("DELETE", f"/families?user_id={alice}")).status_code == 204

    assert [await both_active(house, client, tokens) for tokens in alices] == [(False, False)] * 5
    assert await both_active(house, client, bobs) == (True, True)
    assert [each["user_id"] for each in await items(writer, "/families?alive=true")] == [bob.id]


async def test_what_is_named_counts_together(house: House, client: Registered, visitor: Visitor) -> None:
    await house.add_user("bob")
    shop = await app_of(house)
    kept = [await house.sign_in(client, "bob"), await visitor.tokens(shop, scope="openid")]
    gone = await house.sign_in(client)
    admin = await program(house)
    alice = (await items(admin, "/families"))[0]["user_id"]

    await admin("DELETE", f"/families?user_id={alice}&client_id={client.id}")

    assert await both_active(house, client, gone) == (False, False)
    assert await house.is_active(client, kept[0]["access_token"])
    assert await house.is_active(shop, kept[1]["access_token"])
    [of_session] = await items(admin, f"/families?client_id={shop.id}")
    await admin("DELETE", f"/families?session_id={of_session['session_id']}")
    assert not await house.is_active(shop, kept[1]["access_token"])
    assert await house.is_active(client, kept[0]["access_token"])
    await admin("DELETE", f"/families?client_id={client.id}")
    assert not await house.is_active(client, kept[0]["access_token"])


async def test_whose_families_end_has_to_be_said(house: House, client: Registered) -> None:
    tokens = await house.sign_in(client)
    admin = await program(house)

    assert (await admin("DELETE", "/families")).status_code == 422
    assert (await admin("DELETE", f"/families?user_id={NOBODY}")).status_code == 404
    assert (await admin("DELETE", "/families?session_id=x")).status_code == 404
    assert await both_active(house, client, tokens) == (True, True)


async def test_attack_33_those_who_write_users_end_nothing_of_administrators(
    house: House, client: Registered
) -> None:
    root = await house.add_user("root", admin=True)
    tokens = await house.sign_in(client, "root")
    helper, admin = await program(house, "users:write"), await program(house)
    [family] = await items(admin, f"/families?user_id={root.id}")

    for tail in (f"/{family['id']}", f"?user_id={root.id}", f"?client_id={client.id}"):
        assert (await helper("DELETE", f"/families{tail}")).status_code == 403
    assert await both_active(house, client, tokens) == (True, True)
    assert (await admin("DELETE", f"/families/{family['id']}")).status_code == 204


async def test_people_see_and_end_their_own(house: House, client: Registered) -> None:
    tokens = await house.sign_in(client)
    alice = await person(house)

    own, shop = await items(alice, "/users/me/families")

    assert (own["username"], shop["client_id"]) == ("alice", client.id)
    assert [each["id"] for each in await items(alice, f"/users/me/families?client_id={client.id}")] == [
        shop["id"]
    ]
    assert (await alice("DELETE", f"/users/me/families/{shop['id']}")).status_code == 204
    assert await both_active(house, client, tokens) == (False, False)


async def test_attack_33_families_of_others_are_as_absent_as_those_that_are_not_there(
    house: House, client: Registered
) -> None:
    tokens = await house.sign_in(client)
    await house.add_user("bob")
    bob, admin = await person(house, "bob"), await program(house)
    [family] = await items(admin, f"/families?client_id={client.id}")

    absent = await bob("DELETE", f"/users/me/families/{NOBODY}")
    there = await bob("DELETE", f"/users/me/families/{family['id']}")

    for answer in (absent, there):
        assert (answer.status_code, answer.json()["detail"]) == (404, absent.json()["detail"])
    assert [each["username"] for each in await items(bob, "/users/me/families")] == ["bob"]
    assert (await bob("GET", f"/users/me/families?user_id={family['user_id']}")).status_code == 422
    assert await both_active(house, client, tokens) == (True, True)


@on_sqlite
@pytest.mark.parametrize("family", ["nobody", NOBODY, NOBODY.upper(), "%00"])
async def test_what_is_not_there_is_not_there(house: House, family: str) -> None:
    admin = await program(house)

    for method in ("GET", "DELETE"):
        assert (await admin(method, f"/families/{family}")).status_code == 404


@on_sqlite
async def test_a_client_that_acts_for_itself_has_none(house: House) -> None:
    caller = await program(house, "account")

    assert (await caller("GET", "/users/me/families")).status_code == 403


@on_sqlite
async def test_attack_25_no_secret_is_shown(house: House, client: Registered) -> None:
    tokens = await house.sign_in(client)
    admin = await program(house)

    shown = (await admin("GET", "/families")).text

    for secret in (tokens["refresh_token"], tokens["access_token"], client.secret, "digest", "nonce"):
        assert secret not in shown


async def test_the_person_reads_who_ended_it(house: House, client: Registered) -> None:
    for _ in range(3):
        await house.sign_in(client)
    given_back, alice, admin = await house.sign_in(client), await person(house), await program(house)
    _, _, by_admin, by_herself, replayed = await items(alice, "/users/me/families")
    await house.post("/oauth2/revoke", client, token=given_back["refresh_token"])
    await alice("DELETE", f"/users/me/families/{by_herself['id']}")
    await admin("DELETE", f"/families/{by_admin['id']}")
    async with house.container.begin() as uow:
        uow.events.add(
            FamilyEnded(
                by=client.id,
                family_id=replayed["id"],
                client_id=client.id,
                user_id=replayed["user_id"],
                reason="replay",
            )
        )
        await uow.commit()

    found = await house.app.state.services.users.list_activity(replayed["user_id"])

    ended = [(each.variant, each.client_name) for each in found.items if each.name == "family.ended"]
    assert ended == [(how, "Shop") for how in ("replay", "administrator", "ended", "revoked")]
