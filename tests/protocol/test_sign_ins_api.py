"""Sessions and consents over REST: who sees them, who ends them, and what ends with them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from tests.api_caller import Caller, on_sqlite, person, program
from tests.house import House, Registered
from tests.visitor import Pkce, Visitor, app_of, visitor_of

NOBODY = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"
SESSION_MEMBERS = {
    *("id", "created_at", "last_seen_at", "expires_at", "auth_time"),
    *("amr", "acr", "user_agent", "address", "current"),
}


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    await house.add_user()
    async with visitor_of(house) as browser:
        yield browser


@pytest.fixture
async def client(house: House) -> Registered:
    return await app_of(house, client_name="Shop", scope="openid profile account offline_access")


async def own(house: House, visitor: Visitor, client: Registered) -> Caller:
    """The person, with a token that their browser's session gave."""
    return Caller(house, (await visitor.tokens(client, scope="openid account"))["access_token"])


async def items(caller: Caller, path: str) -> list[dict[str, Any]]:
    """What a listing shows."""
    answer = await caller("GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def alice_id(house: House) -> str:
    async with house.container.read() as uow:
        return str((await uow.users.by_username("alice")).id)


async def last_event(house: House) -> tuple[str, str, str]:
    async with house.container.database().engine.connect() as connection:
        statement = "SELECT name, actor, payload FROM events ORDER BY id DESC LIMIT 1"
        row = (await connection.execute(text(statement))).one()
    return row.name, row.actor, bytes(row.payload).decode()


async def test_people_see_where_they_are_signed_in(
    house: House, visitor: Visitor, client: Registered
) -> None:
    alice = await own(house, visitor, client)
    async with visitor_of(house) as phone:
        await phone.agreed(client, scope="openid account")

    newer, older = await items(alice, "/users/me/sessions")

    assert newer.keys() == older.keys() == SESSION_MEMBERS
    assert (newer["current"], older["current"]) == (False, True)
    assert (older["user_agent"], older["address"], older["amr"]) == ("a browser", "192.0.2.7", ["pwd"])
    moments = [datetime.fromisoformat(older[name]) for name in ("auth_time", "last_seen_at", "expires_at")]
    assert moments == sorted(moments)
    assert await items(await program(house, "users:read"), f"/users/{await alice_id(house)}/sessions") == [
        newer,
        older | {"current": False},
    ]


async def test_a_revoked_session_signs_nobody_in_and_its_tokens_are_over(
    house: House, visitor: Visitor, client: Registered
) -> None:
    tokens = await visitor.tokens(client, scope="openid account")
    kept = await visitor.tokens(client, scope="openid offline_access")
    async with visitor_of(house) as phone:
        alice = await own(house, phone, client)
        [session] = [each for each in await items(alice, "/users/me/sessions") if not each["current"]]

        ended = await alice("DELETE", f"/users/me/sessions/{session['id']}")

        assert (ended.status_code, ended.content) == (204, b"")
        assert not await house.is_active(client, tokens["access_token"])
        assert not await house.is_active(client, tokens["refresh_token"])
        assert await house.is_active(client, kept["refresh_token"]), "it was to outlive the session"
        assert [each["current"] for each in await items(alice, "/users/me/sessions")] == [True]
        again = await alice("DELETE", f"/users/me/sessions/{session['id']}")
        assert again.status_code == 404
    login = await visitor.to_page(await visitor.ask(client, scope="openid account"))
    assert login.path.startswith("/login/")
    name, actor, payload = await last_event(house)
    assert (name, actor) == ("session.ended", await alice_id(house))
    assert '"reason":"revoked"' in payload


async def test_whoever_writes_users_ends_their_sessions(
    house: House, visitor: Visitor, client: Registered
) -> None:
    tokens = await visitor.tokens(client, scope="openid")
    helper, user_id = await program(house, "users:write admin"), await alice_id(house)
    [session] = await items(helper, f"/users/{user_id}/sessions")

    ended = await helper("DELETE", f"/users/{user_id}/sessions/{session['id']}")

    assert ended.status_code == 204
    assert not await house.is_active(client, tokens["access_token"])
    assert await items(helper, f"/users/{user_id}/sessions") == []


async def test_a_code_of_a_revoked_session_becomes_nothing(
    house: House, visitor: Visitor, client: Registered
) -> None:
    pkce = Pkce.new()
    code = await visitor.code(client, pkce, scope="openid")
    admin, user_id = await program(house), await alice_id(house)
    [session] = await items(admin, f"/users/{user_id}/sessions")

    await admin("DELETE", f"/users/{user_id}/sessions/{session['id']}")

    refused = await visitor.exchange(client, code, pkce)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_attack_33_sessions_of_others_are_as_absent_as_those_that_are_not_there(
    house: House, visitor: Visitor, client: Registered
) -> None:
    await visitor.agreed(client, scope="openid")
    bob_user = await house.add_user("bob")
    bob, admin = await person(house, "bob"), await program(house)
    [session] = await items(admin, f"/users/{await alice_id(house)}/sessions")

    absent = await bob("DELETE", f"/users/me/sessions/{NOBODY}")
    there = await bob("DELETE", f"/users/me/sessions/{session['id']}")
    elsewhere = await admin("DELETE", f"/users/{bob_user.id}/sessions/{session['id']}")

    for answer in (absent, there, elsewhere):
        assert (answer.status_code, answer.json()["detail"]) == (404, absent.json()["detail"])
    assert len(await items(admin, f"/users/{await alice_id(house)}/sessions")) == 1
    assert await items(bob, "/users/me/sessions") == []


@on_sqlite
@pytest.mark.parametrize("path", ["sessions", f"sessions/{NOBODY}", "consents", f"consents/{NOBODY}"])
async def test_attack_33_people_reach_nothing_of_others(house: House, path: str) -> None:
    await house.add_user()
    bob = await house.add_user("bob")
    alice = await person(house)
    method = "DELETE" if "/" in path else "GET"

    absent = await alice(method, f"/users/{NOBODY}/{path}")
    there = await alice(method, f"/users/{bob.id}/{path}")

    assert absent.status_code == there.status_code == 403
    assert absent.json()["detail"] == there.json()["detail"]


async def test_attack_33_those_who_write_users_end_nothing_of_administrators(
    house: House, visitor: Visitor, client: Registered
) -> None:
    root = await house.add_user("root", admin=True)
    async with visitor_of(house) as browser:
        await browser.agreed(client, username="root", scope="openid")
    helper, admin = await program(house, "users:write"), await program(house)
    [session] = await items(admin, f"/users/{root.id}/sessions")

    for tail in (f"sessions/{session['id']}", f"consents/{client.id}"):
        refused = await helper("DELETE", f"/users/{root.id}/{tail}")
        absent = await helper("DELETE", f"/users/{root.id}/{tail.partition('/')[0]}/{NOBODY}")
        assert refused.status_code == absent.status_code == 403
        assert (await admin("DELETE", f"/users/{root.id}/{tail}")).status_code == 204


@on_sqlite
@pytest.mark.parametrize("user_id", ["nobody", NOBODY, "%00"])
async def test_what_hangs_on_a_user_that_is_not_there_is_not_there(house: House, user_id: str) -> None:
    admin = await program(house)

    for method, tail in (
        ("GET", "sessions"),
        ("GET", "consents"),
        ("DELETE", f"sessions/{NOBODY}"),
        ("DELETE", f"consents/{NOBODY}"),
    ):
        assert (await admin(method, f"/users/{user_id}/{tail}")).status_code == 404


@on_sqlite
@pytest.mark.parametrize("path", ["/users/me/sessions", "/users/me/consents"])
async def test_a_client_that_acts_for_itself_is_signed_in_nowhere(house: House, path: str) -> None:
    caller = await program(house, "account")

    assert (await caller("GET", path)).status_code == 403
    assert (await caller("DELETE", f"{path}/{NOBODY}")).status_code == 403


async def test_people_see_what_they_agreed_to(house: House, visitor: Visitor, client: Registered) -> None:
    alice = await own(house, visitor, client)
    claims = '{"userinfo": {"phone_number": null}}'
    await visitor.agreed(client, scope="openid profile", claims=claims)

    [consent] = await items(alice, "/users/me/consents")

    assert consent.keys() == {
        *("client_id", "client_name", "initiate_login_uri", "scope", "claims", "updated_at"),
    }
    assert (consent["client_id"], consent["client_name"]) == (client.id, "Shop")
    assert set(consent["scope"].split()) == {"openid", "account", "profile"}
    assert consent["claims"] == ["phone_number"]
    reader = await program(house, "users:read")
    assert await items(reader, f"/users/{await alice_id(house)}/consents") == [consent]


async def test_a_consent_that_was_taken_back_ends_what_the_client_got_and_is_asked_for_again(
    house: House, visitor: Visitor, client: Registered
) -> None:
    other = await app_of(house, client_name="Other")
    others = await visitor.tokens(other, scope="openid")
    kept = await visitor.tokens(client, scope="openid offline_access")
    alice = await own(house, visitor, client)
    pkce = Pkce.new()
    code = await visitor.code(client, pkce, scope="openid")

    ended = await alice("DELETE", f"/users/me/consents/{client.id}")

    assert (ended.status_code, ended.content) == (204, b"")
    assert not await house.is_active(client, alice.token)
    assert not await house.is_active(client, kept["refresh_token"]), "whatever it was to outlive"
    assert (await visitor.exchange(client, code, pkce)).json()["error"] == "invalid_grant"
    assert await house.is_active(other, others["access_token"])
    page = await visitor.to_page(await visitor.ask(client, scope="openid"))
    assert page.path.startswith("/consent/")
    admin = await program(house)
    path = f"/users/{await alice_id(house)}/consents"
    assert [each["client_name"] for each in await items(admin, path)] == ["Other"]
    assert (await admin("DELETE", f"{path}/{client.id}")).status_code == 404
    name, actor, payload = await last_event(house)
    assert (name, actor) == ("consent.revoked", await alice_id(house))
    assert client.id in payload


async def test_attack_33_what_others_agreed_to_is_as_absent_as_what_nobody_did(
    house: House, visitor: Visitor, client: Registered
) -> None:
    tokens = await visitor.tokens(client, scope="openid")
    bob_user = await house.add_user("bob")
    bob, helper = await person(house, "bob"), await program(house, "users:write")

    for answer in (
        await bob("DELETE", f"/users/me/consents/{client.id}"),
        await bob("DELETE", f"/users/me/consents/{NOBODY}"),
        await helper("DELETE", f"/users/{bob_user.id}/consents/{client.id}"),
    ):
        assert answer.status_code == 404
    assert await house.is_active(client, tokens["access_token"])
    assert (await helper("DELETE", f"/users/{await alice_id(house)}/consents/{client.id}")).status_code == 204
    assert not await house.is_active(client, tokens["access_token"])


async def test_attack_25_no_secret_is_shown(house: House, visitor: Visitor, client: Registered) -> None:
    alice = await own(house, visitor, client)
    cookies = [cookie.value for cookie in visitor.http.cookies.jar]

    shown = (await alice("GET", "/users/me/sessions")).text + (await alice("GET", "/users/me/consents")).text

    assert len(cookies) >= 2
    for secret in (*cookies, client.secret, "digest", "epoch"):
        assert secret not in shown
