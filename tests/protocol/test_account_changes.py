"""What people see and change in the account home, with their browser's session and no client (ATTACKS 31, 33)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from identity_service.application.use_cases.users import list_activity
from tests.account_visitor import FIREFOX, events, fields, signed_in, texts
from tests.ageing import age
from tests.api_caller import program
from tests.house import PASSWORD, House
from tests.html import elements, text_of
from tests.visitor import Page, Visitor, app_of, visitor_of

NEW_PASSWORD = "another long password"
SESSION = "__Host-identity-session"
PAGES = (
    *("/account", "/account/profile", "/account/password"),
    *("/account/sessions", "/account/consents", "/account/activity"),
)


@pytest.fixture
async def visitor(small_house: House) -> AsyncIterator[Visitor]:
    await small_house.add_user()
    async with visitor_of(small_house) as browser:
        browser.http.headers["User-Agent"] = FIREFOX
        yield browser


async def test_a_profile_is_shown_and_changed_member_by_member(visitor: Visitor) -> None:
    form = await signed_in(visitor, "/account/profile")
    sent = fields(form) | {"name": "Alice Liddell", "email": "new@example.org", "address.locality": "Oxford"}

    saved = await form.submit(**sent)

    assert (saved.status_code, saved.headers["location"]) == (303, "/account?done=saved")
    page = await visitor.to_page(saved)
    assert text_of(page.answer.text, "done") == "Your profile has been saved."
    assert {"Alice Liddell", "Oxford", "new@example.org not checked yet"} <= set(texts(page, "dd"))
    untouched = await signed_in(visitor, "/account/profile")
    assert fields(untouched)["address.locality"] == "Oxford"
    emptied = await untouched.submit(**(fields(untouched) | {"name": ""}))
    assert "Alice Liddell" not in (await visitor.to_page(emptied)).answer.text


async def test_changing_the_profile_takes_a_recent_sign_in_and_reading_it_does_not(visitor: Visitor) -> None:
    form = await signed_in(visitor, "/account/profile")
    await age(visitor.house.container.database(), 16 * 60)
    assert (await visitor.get("/account")).status_code == 200
    login = await visitor.to_page(await visitor.get("/account/profile"))
    assert login.path.startswith("/login/")
    [username] = [each for each in elements(login.answer.text, "input") if each["name"] == "username"]
    assert username["value"] == "alice"
    in_peace = await form.submit(**(fields(form) | {"name": "Late"}))
    assert in_peace.headers["location"] == "/account?done=saved"
    await age(visitor.house.container.database(), 15 * 60)
    too_late = await form.submit(**(fields(form) | {"name": "Too late"}))
    assert too_late.headers["location"].startswith("/login/")


async def test_a_new_password_needs_the_current_one_and_signs_out_everywhere(visitor: Visitor) -> None:
    form = await signed_in(visitor, "/account/password")
    async with visitor_of(visitor.house) as phone:
        await signed_in(phone)
        for fault, said in (
            ({"current_password": "wrong"}, "not your current password"),
            ({"password": "short", "again": "short"}, "at least 8"),
            ({"again": "something else"}, "not the same"),
            ({"password": "Password123", "again": "Password123"}, "tried first"),
            ({"password": "alice-alice-1", "again": "alice-alice-1"}, "besides names and addresses"),
            ({"password": "abcdefgh1", "again": "abcdefgh1"}, "too easy to guess"),
            ({"password": None, "again": None}, "at least 8"),
        ):
            sent: dict[str, Any] = {
                "current_password": PASSWORD,
                "password": NEW_PASSWORD,
                "again": NEW_PASSWORD,
            }
            refused = await form.submit(**(sent | fault))
            assert refused.status_code == 400
            assert said in text_of(refused.text, "problem")
        assert (await phone.get("/account")).status_code == 200

        done = await form.submit(current_password=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)

        assert done.headers["location"] == "/account/password-changed"
        assert (await visitor.get("/account/password-changed")).status_code == 200
        for browser in (visitor, phone):
            assert (await browser.get("/account")).headers["location"].startswith("/login/")
    login = await visitor.to_page(await visitor.get("/account"))
    assert (await login.submit(username="alice", password=PASSWORD)).status_code == 400
    assert (await login.submit(username="alice", password=NEW_PASSWORD)).headers["location"] == "/account"


async def test_a_browser_is_signed_out_from_another_with_the_tokens_that_it_gave(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    async with visitor_of(visitor.house) as phone:
        tokens = await phone.tokens(client, scope="openid")
        kept = await phone.tokens(client, scope="openid offline_access")
        page = await signed_in(visitor, "/account/sessions")
        assert text_of(page.answer.text, "session-1") == "Firefox on Linux This browser"
        assert text_of(page.answer.text, "session-2") == "Unknown browser"
        [button] = [each for each in elements(page.answer.text, "button") if each["name"] == "session"]

        ended = await page.submit(session=button["value"])

        assert ended.headers["location"] == "/account/sessions?done=ended"
        assert not await visitor.house.is_active(client, tokens["access_token"])
        assert await visitor.house.is_active(client, kept["refresh_token"]), "it was to outlive the session"
        assert (await phone.get("/account")).headers["location"].startswith("/login/")
        assert (await page.submit(session=button["value"])).headers["location"] == "/account/sessions"
        assert (await page.submit()).headers["location"] == "/account/sessions"


async def test_attack_33_nobody_ends_or_takes_back_what_is_somebody_elses(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.house.add_user("mallory", admin=True)
    await visitor.agreed(client)
    async with visitor_of(visitor.house) as attacker:
        theirs = await signed_in(attacker, "/account/sessions", "mallory")
        async with visitor.house.container.read() as uow:
            user = await uow.users.by_username("alice")
            [session] = await uow.sessions.of_user(user.id, idle_seconds=60)
        await theirs.submit(session=session.id)
        consents = await signed_in(attacker, "/account/sessions", "mallory")
        refused = await attacker.http.post(
            "/account/consents", data={"csrf": consents.csrf, "client": client.id}
        )
        assert refused.headers["location"] == "/account/consents"
    assert (await visitor.get("/account/sessions")).status_code == 200
    assert "a client" in (await visitor.get("/account/consents")).text


async def test_signing_out_everywhere_ends_every_session_idle_ones_too(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    async with visitor_of(visitor.house) as phone:
        tokens = await phone.tokens(client, scope="openid")
        idle = visitor.house.container.settings().session_idle_seconds
        await age(visitor.house.container.database(), idle + 1)
        page = await signed_in(visitor, "/account/sessions")
        assert len(texts(page, "h2")) == 1, "the other one was idle for too long to be shown"

        answer = await page.submit(everywhere="yes")

        assert SESSION not in visitor.http.cookies
        assert text_of(answer.text, "main").startswith("You are signed out")
        refreshed = await visitor.house.token(
            client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        assert refreshed.json()["error"] == "invalid_grant"
        assert (await visitor.get("/account")).headers["location"].startswith("/login/")


async def test_a_consent_is_shown_in_words_and_taken_back_with_all_that_came_of_it(visitor: Visitor) -> None:
    client = await app_of(visitor.house, client_name="Photo Album")
    tokens = await visitor.tokens(client, scope="openid email offline_access")
    page = await signed_in(visitor, "/account/consents")
    assert text_of(page.answer.text, "consent-1") == "Photo Album"
    assert {"See your e-mail address", "Keep this access while you are away"} <= set(texts(page, "li"))

    gone = await page.submit(client=client.id)

    assert gone.headers["location"] == "/account/consents?done=withdrawn"
    assert not await visitor.house.is_active(client, tokens["access_token"])
    assert not await visitor.house.is_active(client, tokens["refresh_token"])
    assert "Photo Album" not in (await visitor.get("/account/consents")).text
    for client_id in (client.id, "nobody", "x" * 5000, "'"):
        assert (await page.submit(client=client_id)).headers["location"] == "/account/consents"


async def test_what_happened_is_told_in_words_the_newest_first(visitor: Visitor) -> None:
    client = await app_of(visitor.house, client_name="Photo Album")
    login = await visitor.to_page(await visitor.get("/account"))
    await login.submit(username="alice", password="wrong")
    await signed_in(visitor)
    await visitor.agreed(client)
    consents = await signed_in(visitor, "/account/consents")
    await consents.submit(client=client.id)
    profile = await signed_in(visitor, "/account/profile")
    await profile.submit(**(fields(profile) | {"name": "Alice Liddell"}))

    page = await signed_in(visitor, "/account/activity")

    assert events(page) == [
        "You changed your profile",
        "You withdrew access",
        "You allowed access",
        "You signed in",
        "A sign-in failed",
    ]
    assert {"Photo Album", "Firefox on Linux", "192.0.2.7"} <= set(texts(page, "li"))


async def test_what_an_administrator_did_is_told_as_that(visitor: Visitor) -> None:
    async with visitor.house.container.read() as uow:
        user = await uow.users.by_username("alice")
    helper = await program(visitor.house, "users:write admin")
    await helper("PATCH", f"/users/{user.id}", json={"name": "Alice"}, headers={"If-Match": "*"})
    page = await signed_in(visitor, "/account/activity")
    assert "An administrator changed your profile" in events(page)
    assert "a client" not in page.answer.text


async def test_activity_has_pages_and_nobody_elses(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_activity, "PER_PAGE", 2)
    await visitor.house.add_user("bob")
    await signed_in(visitor)
    for name in ("One", "Two", "Three"):
        form = await signed_in(visitor, "/account/profile")
        await form.submit(**(fields(form) | {"name": name}))
    first = await signed_in(visitor, "/account/activity")
    [older] = [each["href"] for each in elements(first.answer.text, "a") if each.get("id") == "older"]
    second = await visitor.to_page(await visitor.get(older))
    assert len(elements(first.answer.text, "time")) == len(elements(second.answer.text, "time")) == 2
    assert events(second) == ["You changed your profile", "You signed in"]
    assert [
        each["id"] for each in elements(second.answer.text, "a") if each["id"] in ("older", "newest")
    ] == ["newest"]
    async with visitor_of(visitor.house) as other:
        await signed_in(other, username="bob")
        for cursor in (older.partition("?cursor=")[2], "x", "%00", "%ff"):
            answer = await other.http.get(f"/account/activity?cursor={cursor}")
            assert (answer.status_code, answer.headers.get("location")) == (303, "/account/activity")


async def test_attack_31_a_session_that_was_ended_opens_no_page_and_sends_no_form(visitor: Visitor) -> None:
    page = await signed_in(visitor, "/account/sessions")
    async with visitor.house.container.begin() as uow:
        user = await uow.users.by_username("alice")
        await uow.users.change(user.id, {}, version=None, raise_epoch=True)
        await uow.commit()
    for path in PAGES:
        assert (await visitor.get(path)).headers["location"].startswith("/login/")
    assert (await page.submit(everywhere="yes")).headers["location"].startswith("/login/")


async def test_the_own_path_of_the_issuer_stands_in_front_of_every_link(house_with: Any) -> None:
    async with house_with(issuer="https://id.example/tenant") as house:
        await house.add_user()
        async with visitor_of(house) as visitor:
            answer = await visitor.get("/account/consents")
            assert answer.headers["location"].startswith("/tenant/login/")
            path = answer.headers["location"].removeprefix("/tenant")
            login = Page(visitor, await visitor.get(path))
            back = await login.submit(username="alice", password=PASSWORD)
            assert back.headers["location"] == "/tenant/account/consents"


async def test_a_visit_is_seen_once_a_minute_at_most(visitor: Visitor) -> None:
    async def seen() -> Any:
        async with visitor.house.container.read() as uow:
            user = await uow.users.by_username("alice")
            [session] = await uow.sessions.of_user(user.id, idle_seconds=None)
        return session.last_seen_at

    await signed_in(visitor)
    first = await seen()
    await visitor.get("/account")
    assert await seen() == first
    await age(visitor.house.container.database(), 61)
    before = await seen()
    await visitor.get("/account")
    assert await seen() > before
