"""The pages on the way: in their order, once, and for the browser that began (OIDC Core §3.1.2.3, ATTACKS)."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from identity_service.domain.value_objects.ids import UserId
from tests.ageing import age
from tests.api_caller import program
from tests.house import PASSWORD, House
from tests.html import elements, text_of
from tests.visitor import Page, Pkce, Visitor, app_of, is_answer, told, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
BROWSER, SESSION = "__Host-identity-browser", "__Host-identity-session"
UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        yield browser


async def login_page(visitor: Visitor, **params: Any) -> Page:
    return await visitor.to_page(await visitor.ask(await app_of(visitor.house), **params))


async def consent_page(visitor: Visitor, **params: Any) -> Page:
    return await visitor.to_page(await (await login_page(visitor, **params)).filled())


def is_error(answer: httpx2.Response, advice: str) -> bool:
    """An error page with this advice on it."""
    return (
        answer.status_code == 400
        and text_of(answer.text, "error-code") == "invalid_request"
        and advice in text_of(answer.text, "advice")
    )


EXPIRED, COOKIES, AGAIN, DONE = "open for too long", "Allow cookies", "cannot go on", "double click"


def other_step(page: Page, step: str) -> Page:
    """Another page of the same interaction, with the same form."""
    page.path = f"/{step}/{page.path.split('/')[2]}"
    return page


async def test_every_page_may_be_shown_again_and_changes_nothing(visitor: Visitor) -> None:
    page = await consent_page(visitor)
    for _ in range(3):
        again = await visitor.get(page.path)
        assert (again.status_code, again.headers["cache-control"]) == (200, "no-store")
    assert "code" in told(await page.filled())


async def test_attack_29_another_steps_page_leads_to_the_one_that_is_owed(visitor: Visitor) -> None:
    page = await login_page(visitor)
    interaction = page.path.split("/")[2]
    for step in ("consent", "select-account"):
        answer = await visitor.get(f"/{step}/{interaction}")
        assert (answer.status_code, answer.headers["location"]) == (303, page.path)


EARLY: dict[str, tuple[str, dict[str, Any]]] = {
    "consent before sign-in": ("consent", {"action": "allow"}),
    "a refusal before sign-in": ("consent", {"action": "deny"}),
    "an account before sign-in": ("select-account", {"account": UNKNOWN}),
    "another account before sign-in": ("select-account", {}),
}
LATE: dict[str, tuple[str, dict[str, Any]]] = {
    "a second sign-in": ("login", {"username": "alice", "password": PASSWORD}),
    "a wrong sign-in": ("login", {"username": "alice", "password": "wrong"}),
    "an empty sign-in": ("login", {}),
    "going back to the client from sign-in": ("login", {"action": "cancel"}),
    "an account": ("select-account", {"account": UNKNOWN}),
}


@pytest.mark.parametrize(("step", "fields"), EARLY.values(), ids=EARLY)
async def test_attack_29_a_step_that_is_posted_early_changes_nothing(
    visitor: Visitor, step: str, fields: dict[str, Any]
) -> None:
    page = await login_page(visitor)
    answer = await other_step(page, step).submit(**fields)

    assert (answer.status_code, answer.headers["location"].split("/")[1]) == (303, "login")
    assert SESSION not in visitor.http.cookies
    assert (await visitor.to_page(answer)).path.startswith("/login/")


@pytest.mark.parametrize(("step", "fields"), LATE.values(), ids=LATE)
async def test_attack_29_a_step_that_is_posted_late_changes_nothing(
    visitor: Visitor, step: str, fields: dict[str, Any]
) -> None:
    login = await login_page(visitor)
    page = await visitor.to_page(await login.filled())
    cookie = visitor.http.cookies[SESSION]
    answer = await other_step(login, step).submit(**fields)

    assert (answer.status_code, answer.headers["location"].split("/")[1]) == (303, "consent")
    assert visitor.http.cookies[SESSION] == cookie
    assert "code" in told(await page.filled())


async def test_attack_29_an_empty_form_does_no_step(visitor: Visitor) -> None:
    page = await login_page(visitor)
    for fields in ({}, {"username": "alice"}, {"password": PASSWORD}, {"username": "", "password": ""}):
        answer = await page.submit(**fields)
        assert (answer.status_code, SESSION in visitor.http.cookies) == (400, False)
        assert text_of(answer.text, "problem")
    consent = await visitor.to_page(await page.filled())
    for fields in ({}, {"action": "x"}, {"action": "Allow"}):
        answer = await consent.submit(**fields)
        assert (answer.status_code, answer.headers["location"]) == (303, consent.path)
    assert "code" in told(await consent.filled())


async def test_attack_29_agreeing_to_one_request_agrees_to_no_other(visitor: Visitor) -> None:
    one = await consent_page(visitor, prompt="consent")
    client = await app_of(visitor.house)
    two = await visitor.to_page(await visitor.ask(client))
    assert two.path.startswith("/consent/")
    await one.filled()

    assert (await visitor.to_page(await visitor.get(two.path))).path == two.path


async def test_a_wrong_password_is_said_and_kept_out(visitor: Visitor) -> None:
    page = await login_page(visitor)
    answer = await page.submit(username="alice", password="wrong")

    assert answer.status_code == 400
    assert "do not belong together" in text_of(answer.text, "problem")
    assert "wrong" not in {each.get("value") for each in elements(answer.text, "input")}
    [field] = [each for each in elements(answer.text, "input") if each.get("id") == "username"]
    assert field["value"] == "alice"
    assert SESSION not in visitor.http.cookies
    assert (await page.filled()).status_code == 303


async def test_who_does_not_want_to_sign_in_goes_back_to_the_client(visitor: Visitor) -> None:
    answer = told(await (await login_page(visitor)).submit(action="cancel"))

    assert (answer["error"], answer["state"]) == ("access_denied", "a state")


async def test_a_form_that_is_sent_twice_answers_the_client_once(visitor: Visitor) -> None:
    page = await consent_page(visitor)
    assert is_answer(await page.submit(action="allow"))

    assert is_error(await visitor.http.post(page.path, data={"csrf": page.csrf, "action": "allow"}), DONE)
    assert is_error(await visitor.http.post(page.path, data={"csrf": page.csrf, "action": "deny"}), DONE)


async def test_the_back_button_after_the_end_says_that_it_is_done(visitor: Visitor) -> None:
    page = await consent_page(visitor)
    await page.filled()

    for step in ("login", "consent", "select-account"):
        assert is_error(await visitor.get(other_step(page, step).path), DONE)


async def test_two_tabs_go_each_its_own_way(visitor: Visitor) -> None:
    client, other = await app_of(visitor.house), await app_of(visitor.house)
    one = await visitor.to_page(await visitor.ask(client, state="one"))
    two = await visitor.to_page(await visitor.ask(other, state="two"))
    first = await visitor.to_page(await one.filled())
    second = await visitor.to_page(await two.filled())  # signs in already: goes on

    assert second.path.startswith("/consent/")
    assert told(await second.filled())["state"] == "two"
    assert told(await first.filled())["state"] == "one"


async def test_an_interaction_runs_out(visitor: Visitor) -> None:
    page = await consent_page(visitor)
    csrf = page.csrf
    await age(visitor.house.container.database(), 1801)

    assert is_error(await visitor.get(page.path), EXPIRED)
    assert is_error(await visitor.http.post(page.path, data={"csrf": csrf, "action": "allow"}), EXPIRED)


async def test_another_browsers_interaction_is_not_there(visitor: Visitor) -> None:
    page = await consent_page(visitor)
    async with visitor_of(visitor.house) as stranger:
        assert is_error(await stranger.get(page.path), COOKIES)
        own = await login_page(stranger)
        assert is_error(await stranger.get(page.path), EXPIRED)
        for csrf in (page.csrf, own.csrf):
            answer = await stranger.http.post(page.path, data={"csrf": csrf, "action": "allow"})
            assert is_error(answer, EXPIRED)
    assert "code" in told(await page.filled())


async def test_a_browser_without_cookies_is_told_to_allow_them(visitor: Visitor) -> None:
    answer = await visitor.ask(await app_of(visitor.house))
    visitor.http.cookies.clear()

    assert is_error(await visitor.get(answer.headers["location"]), COOKIES)
    form = {"csrf": "x", "username": "alice", "password": PASSWORD}
    assert is_error(await visitor.http.post(answer.headers["location"], data=form), COOKIES)
    assert SESSION not in visitor.http.cookies


FOREIGN_FORMS: dict[str, Callable[[str, str], str | None]] = {
    "without its token": lambda own, other: None,
    "with an empty token": lambda own, other: "",
    "with another token": lambda own, other: own[::-1],
    "with the token of another interaction": lambda own, other: other,
}


@pytest.mark.parametrize("step", ["login", "consent"])
@pytest.mark.parametrize("token", FOREIGN_FORMS.values(), ids=FOREIGN_FORMS)
async def test_attack_36_a_form_does_not_count(
    visitor: Visitor, token: Callable[[str, str], str | None], step: str
) -> None:
    other = await login_page(visitor)
    page = await (login_page if step == "login" else consent_page)(visitor)
    csrf = token(page.csrf, other.csrf)
    fields = {"username": "alice", "password": PASSWORD, "action": "allow" if step == "consent" else None}
    before = visitor.http.cookies.get(SESSION)

    assert is_error(await page.submit(csrf=csrf, **fields), AGAIN)
    assert visitor.http.cookies.get(SESSION) == before
    assert (await page.filled()).status_code == 303


@pytest.mark.parametrize("interaction", ["x", UNKNOWN, "..%2f..%2fadmin", "%00", "0" * 5000, "%ff"])
async def test_an_address_of_no_interaction_is_an_error_page(visitor: Visitor, interaction: str) -> None:
    await login_page(visitor)
    answer = await visitor.get(f"/login/{interaction}")

    assert answer.status_code in (400, 404)
    assert (await visitor.http.post(f"/login/{interaction}", data={"csrf": "x"})).status_code in (400, 404)


async def test_choosing_the_account_that_is_there_goes_on_as_it(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    page = await visitor.to_page(await visitor.ask(client, prompt="select_account"))
    [account] = [each["value"] for each in elements(page.answer.text, "button") if each.get("value")]

    assert "alice" in page.answer.text
    assert "code" in told(await page.submit(account=account))


@pytest.mark.parametrize("account", [None, "", UNKNOWN, "alice"])
async def test_anything_but_an_account_that_is_there_means_another_one(
    visitor: Visitor, account: str | None
) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    page = await visitor.to_page(await visitor.ask(client, prompt="select_account"))
    login = await visitor.to_page(await page.submit(account=account))

    assert login.path.startswith("/login/")
    assert "code" in told(await login.filled())


CHANGES: dict[str, dict[str, Any]] = {
    "its redirect_uri": {"redirect_uris": ["https://app.example/another"]},
    "the grant": {"grant_types": ["client_credentials"]},
}


@pytest.mark.parametrize("members", CHANGES.values(), ids=CHANGES)
async def test_attack_7_what_a_client_has_lost_meanwhile_is_not_given(
    visitor: Visitor, members: dict[str, Any]
) -> None:
    client, caller = await app_of(visitor.house), await program(visitor.house)
    page = await visitor.to_page(await (await visitor.to_page(await visitor.ask(client))).filled())
    csrf = page.csrf
    changed = await caller("PATCH", f"/clients/{client.id}", json=members)
    assert changed.status_code == 200, changed.text

    for action in ("allow", "deny"):
        answer = await visitor.http.post(page.path, data={"csrf": csrf, "action": action})
        assert is_error(answer, EXPIRED)


async def test_attack_7_a_scope_that_a_client_has_lost_meanwhile_is_not_given(visitor: Visitor) -> None:
    client, caller, pkce = await app_of(visitor.house), await program(visitor.house), Pkce.new()
    answer = await visitor.ask(client, pkce, scope="openid read write")
    page = await visitor.to_page(await (await visitor.to_page(answer)).filled())
    changed = await caller("PATCH", f"/clients/{client.id}", json={"scope": "openid read"})
    assert changed.status_code == 200, changed.text
    code = told(await page.filled())["code"]

    assert (await visitor.exchange(client, code, pkce)).json()["scope"] == "openid read"
    async with visitor.house.container.read() as uow:
        [kept] = [
            each for each in await uow.consents.of_user(await alice(visitor)) if each.client_id == client.id
        ]
    assert "write" not in kept.scope


async def alice(visitor: Visitor) -> UserId:
    async with visitor.house.container.read() as uow:
        user = await uow.users.by_username(visitor.house.container.names().username("alice").key)
    assert user is not None
    return UserId(user.id)


async def test_attack_7_an_interaction_does_not_outlive_its_client(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    page = await visitor.to_page(await visitor.ask(client))
    csrf = page.csrf
    ended = await (await program(visitor.house))("POST", f"/clients/{client.id}/deactivate")
    assert ended.status_code == 200

    assert is_error(await visitor.get(page.path), EXPIRED)
    form = {"csrf": csrf, "username": "alice", "password": PASSWORD}
    assert is_error(await visitor.http.post(page.path, data=form), EXPIRED)
