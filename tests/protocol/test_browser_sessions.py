"""A browser's session: another cookie at every sign-in, and no life beyond its person's account (ATTACKS 31)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from tests.ageing import age
from tests.api_caller import program
from tests.forged import claims_of
from tests.house import PASSWORD, House
from tests.html import elements
from tests.visitor import Page, Pkce, Visitor, app_of, told, visitor_of

SESSION, BROWSER = "__Host-identity-session", "__Host-identity-browser"


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    await house.add_user()
    async with visitor_of(house) as browser:
        yield browser


on_sqlite = pytest.mark.parametrize("storage", ["sqlite"])


def plant(visitor: Visitor, name: str, value: str) -> None:
    visitor.http.cookies.set(name, value, domain="id.example", path="/")


@on_sqlite
async def test_attack_31_a_cookie_that_was_planted_is_worth_nothing_after_the_sign_in(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    async with visitor_of(house) as attacker:
        await house.add_user("mallory")
        await attacker.agreed(client, username="mallory")
        planted = attacker.http.cookies[SESSION]
        plant(visitor, SESSION, planted)
        sub = claims_of((await visitor.tokens(client, prompt="login"))["id_token"])["sub"]

        assert visitor.http.cookies[SESSION] != planted
        assert told(await attacker.ask(client, prompt="none"))["error"] == "login_required"
        assert "code" in told(await visitor.ask(client, prompt="none"))
        hint = (await visitor.tokens(client))["id_token"]
        assert claims_of(hint)["sub"] == sub


@on_sqlite
async def test_attack_31_the_same_person_has_another_cookie_and_the_same_sid(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    first = claims_of((await visitor.tokens(client))["id_token"])
    old = visitor.http.cookies[SESSION]
    second = claims_of((await visitor.tokens(client, prompt="login"))["id_token"])

    assert visitor.http.cookies[SESSION] != old
    assert second["sid"] == first["sid"]
    plant(visitor, SESSION, old)
    assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"


@on_sqlite
async def test_attack_31_a_made_up_cookie_is_none(house: House, visitor: Visitor) -> None:
    client = await app_of(house)
    for made_up in ("x", "ids_x", "x" * 5000, '" OR 1=1', ""):
        plant(visitor, SESSION, made_up)
        assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"
    await visitor.agreed(client)
    assert visitor.http.cookies[SESSION] != made_up


@on_sqlite
async def test_another_account_in_the_same_browser_ends_the_first_ones_session(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    await house.add_user("bob")
    tokens = await visitor.tokens(client)
    first = claims_of(tokens["id_token"])
    cookie = visitor.http.cookies[SESSION]
    assert await house.is_active(client, tokens["refresh_token"])
    page = await visitor.to_page(await visitor.ask(client, prompt="select_account"))
    login = await visitor.to_page(await page.submit(account=""))
    consent = await visitor.to_page(await login.filled("bob"))
    assert "bob" in consent.answer.text
    await consent.filled()
    second = claims_of((await visitor.tokens(client, username="bob"))["id_token"])

    assert second["sub"] != first["sub"]
    assert second["sid"] != first["sid"]
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert not await house.is_active(client, token)
    plant(visitor, SESSION, cookie)
    assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"


@on_sqlite
async def test_what_one_account_agreed_to_is_not_taken_for_another_who_comes_between(
    house: House, visitor: Visitor
) -> None:
    """The consent page of alice stands open while bob signs in in another tab."""
    client = await app_of(house)
    await house.add_user("bob")
    login = await visitor.to_page(await visitor.ask(client))
    alices = await visitor.to_page(await login.filled())
    await visitor.agreed(await app_of(house), prompt="login", username="bob")
    answer = await alices.submit(action="allow")

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    async with house.container.read() as uow:
        for name in ("alice", "bob"):
            person = await uow.users.by_username(name)
            assert person is not None
            assert await uow.consents.get(person.id, client.client.client_id) is None
    bobs = await visitor.to_page(await visitor.get(alices.path))
    assert "bob" in bobs.answer.text
    assert "code" in told(await bobs.submit(action="allow"))


@on_sqlite
@pytest.mark.parametrize(("seconds", "alive"), [(3500, True), (3700, False)])
async def test_a_session_ends_when_nobody_comes(
    house: House, visitor: Visitor, seconds: int, alive: bool
) -> None:
    client = await app_of(house)
    await visitor.agreed(client)
    await age(house.container.database(), seconds)

    answer = told(await visitor.ask(client, prompt="none"))
    assert ("code" in answer) == alive
    assert alive or answer["error"] == "login_required"


@on_sqlite
async def test_a_session_ends_at_last_however_often_somebody_comes(house: House, visitor: Visitor) -> None:
    client = await app_of(house)
    await visitor.agreed(client)
    for _ in range(12):
        assert "code" in told(await visitor.ask(client, prompt="none"))
        await age(house.container.database(), 3590)
    assert "code" in told(await visitor.ask(client, prompt="none"))
    await age(house.container.database(), 200)

    assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"


async def new_password(house: House) -> None:
    caller = await program(house)
    path = f"/users/{await alice(house)}/set-password"
    answer = await caller("POST", path, json={"password": "another password 1"})
    assert answer.status_code == 200, answer.text


async def deactivation(house: House) -> None:
    caller = await program(house)
    assert (await caller("POST", f"/users/{await alice(house)}/deactivate")).is_success


async def back_and_forth(house: House) -> None:
    await deactivation(house)
    caller = await program(house)
    assert (await caller("POST", f"/users/{await alice(house)}/activate")).is_success


async def deletion(house: House) -> None:
    caller = await program(house)
    assert (await caller("DELETE", f"/users/{await alice(house)}")).is_success


async def everything(house: House) -> None:
    await house.container.services().system.revoke_everything(by="an operator")


async def alice(house: House) -> str:
    async with house.container.read() as uow:
        user = await uow.users.by_username(house.container.names().username("alice").key)
    assert user is not None
    return str(user.id)


ENDINGS: dict[str, Callable[[House], Awaitable[None]]] = {
    "a new password": new_password,
    "deactivation": deactivation,
    "deactivation and activation": back_and_forth,
    "deletion": deletion,
    "revoking everything": everything,
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
async def test_attack_31_nothing_of_a_sign_in_outlives(
    house: House, visitor: Visitor, end: Callable[[House], Awaitable[None]]
) -> None:
    client, other, pkce = await app_of(house), await app_of(house), Pkce.new()
    tokens = await visitor.tokens(client)
    code = await visitor.code(client, pkce)
    pending = await visitor.to_page(await visitor.ask(other))
    assert pending.path.startswith("/consent/")
    csrf = pending.csrf
    await end(house)

    assert told(await visitor.ask(client, prompt="none"))["error"] == "login_required"
    answer = await visitor.http.post(pending.path, data={"csrf": csrf, "action": "allow"})
    assert "code=" not in answer.headers.get("location", "")
    assert (await visitor.exchange(client, code, pkce)).json()["error"] == "invalid_grant"
    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])


async def test_attack_31_a_sign_in_that_was_under_way_is_none(house: House, visitor: Visitor) -> None:
    """The password changes between the page and its form: the form has the old one."""
    page = await visitor.to_page(await visitor.ask(await app_of(house)))
    await new_password(house)

    assert (await page.submit(username="alice", password=PASSWORD)).status_code == 400
    assert (await page.submit(username="alice", password="another password 1")).status_code == 303


async def test_attack_31_the_cookie_of_a_session_that_was_ended_is_none(
    house: House, visitor: Visitor
) -> None:
    """Somebody has kept it: that the browser forgets it at the sign-out is not enough."""
    client = await app_of(house)
    sid = claims_of((await visitor.tokens(client))["id_token"])["sid"]
    async with visitor_of(house) as thief:
        plant(thief, SESSION, visitor.http.cookies[SESSION])
        assert "code" in told(await thief.ask(client, prompt="none"))
        assert (
            await (await program(house))("DELETE", f"/users/{await alice(house)}/sessions/{sid}")
        ).is_success

        assert told(await thief.ask(client, prompt="none"))["error"] == "login_required"
        page = await thief.to_page(await thief.ask(client))
        assert page.path.startswith("/login/")


@pytest.mark.parametrize(
    "change", ["epoch = epoch + 1", "active = false"], ids=["a new password", "a deactivation"]
)
async def test_attack_31_what_ends_the_account_while_its_password_is_checked_opens_no_session(
    house: House, visitor: Visitor, change: str, mocker: Any
) -> None:
    page = await visitor.to_page(await visitor.ask(await app_of(house)))
    hasher = house.container.hasher()
    verify = hasher.verify

    async def slow(*args: Any, **named: Any) -> Any:
        verdict = await verify(*args, **named)
        async with house.container.database().engine.begin() as connection:
            await connection.execute(text(f"UPDATE users SET {change}"))
        return verdict

    mocker.patch.object(hasher, "verify", slow)
    answer = await page.submit(username="alice", password=PASSWORD)

    assert answer.status_code == 400
    assert SESSION not in visitor.http.cookies
    async with house.container.database().engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM sessions"))).scalar() == 0


@on_sqlite
async def test_over_https_cookies_belong_to_this_host_alone(house: House, visitor: Visitor) -> None:
    answer = await visitor.ask(await app_of(house))
    login = await visitor.to_page(answer)
    signed_in = await login.filled()

    for name, response in ((BROWSER, answer), (SESSION, signed_in)):
        [cookie] = [each for each in response.headers.get_list("set-cookie") if each.startswith(f"{name}=")]
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert attributes == {"path=/", "secure", "httponly", "samesite=lax"}


async def test_on_loopback_the_same_cookies_are_plain(house_with: object) -> None:
    async with house_with(issuer="http://127.0.0.1:8000") as house:  # type: ignore[operator]  # a fixture's
        await house.add_user()
        async with visitor_of(house) as visitor:
            visitor.http.base_url = "http://127.0.0.1:8000"  # type: ignore[assignment]  # takes text, too
            answer = await visitor.ask(await app_of(house))
            [cookie] = answer.headers.get_list("set-cookie")
            assert cookie.startswith("identity-browser=")
            assert "secure" not in cookie.lower()
            page = Page(visitor, await visitor.get(answer.headers["location"]))
            assert elements(page.answer.text, "form")
            assert (await page.filled()).status_code == 303
            assert "identity-session" in visitor.http.cookies
