"""The account home: whoever is signed in opens it, nobody else, and a form that is not right changes nothing."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.account_visitor import FIREFOX, fields, signed_in
from tests.house import PASSWORD, House
from tests.html import elements, text_of
from tests.visitor import Visitor, app_of, is_answer, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW_PASSWORD = "another long password"
PAGES = (
    *("/account", "/account/profile", "/account/password"),
    *("/account/sessions", "/account/consents", "/account/activity"),
)


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared_house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(shared_house) as browser:
        browser.http.headers["User-Agent"] = FIREFOX
        yield browser


@pytest.mark.parametrize("path", PAGES)
async def test_whoever_is_not_signed_in_is_led_through_the_sign_in_and_back(
    visitor: Visitor, path: str
) -> None:
    login = await visitor.to_page(await visitor.get(path))
    assert login.path.startswith("/login/")
    assert "form-action 'self';" in login.answer.headers["content-security-policy"]
    assert [each["id"] for each in elements(login.answer.text, "button")] == ["login"]

    answer = await login.filled()

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert (await visitor.get(path)).status_code == 200
    assert (await visitor.get(path)).headers["cache-control"] == "no-store"


async def test_attack_5_the_way_back_is_the_pages_own_whatever_the_request_says(visitor: Visitor) -> None:
    answer = await visitor.get(
        "/account/sessions?redirect_uri=https://evil.example&next=//evil.example&return_to=https://evil.example"
    )
    login = await visitor.to_page(answer)
    back = await visitor.http.post(
        login.path + "?next=https://evil.example",
        data={
            "csrf": login.csrf,
            "username": "alice",
            "password": PASSWORD,
            "redirect_uri": "//evil.example",
        },
    )
    assert back.headers["location"] == "/account/sessions"


async def test_attack_29_no_client_has_the_id_of_our_own_pages(visitor: Visitor) -> None:
    answer = await visitor.get("/oauth2/authorize", client_id="/account", response_type="code")
    assert answer.status_code == 400
    token = await visitor.house.http.post(
        "/oauth2/token", data={"grant_type": "authorization_code", "client_id": "/account", "code": "x"}
    )
    assert (token.status_code, token.json()["error"]) == (401, "invalid_client")


async def test_a_wrong_password_shows_the_page_again_and_cancelling_leads_to_it(visitor: Visitor) -> None:
    login = await visitor.to_page(await visitor.get("/account"))
    again = await login.submit(username="alice", password="wrong")
    assert again.status_code == 400
    cancelled = await login.submit(action="cancel")
    assert (cancelled.status_code, cancelled.headers["location"]) == (303, "/account")
    assert (await login.submit(username="alice", password=PASSWORD)).status_code == 400, "it is over"


async def test_a_sign_in_by_a_client_is_good_for_the_account_home_and_the_other_way_round(
    visitor: Visitor,
) -> None:
    client = await app_of(visitor.house)
    await visitor.agreed(client)
    assert (await visitor.get("/account")).status_code == 200
    async with visitor_of(visitor.house) as other:
        await signed_in(other)
        assert is_answer(await other.ask(client)), "nobody has to sign in again"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("website", "javascript:alert(1)"),
        ("birthdate", "1815-02-30"),
        ("username", ""),
        ("zoneinfo", "Nowhere/Never"),
        ("phone_number", "0800 1"),
        ("address.region", "x" * 201),
    ],
)
async def test_what_cannot_be_kept_is_marked_and_nothing_is_changed(
    visitor: Visitor, field: str, value: str
) -> None:
    form = await signed_in(visitor, "/account/profile")

    refused = await form.submit(**(fields(form) | {"name": "Somebody", field: value}))

    assert refused.status_code == 400
    [wrong] = [each for each in elements(refused.text, "input") if "aria-invalid" in each]
    assert (wrong["name"], wrong["value"]) == (field, value)
    assert "Somebody" not in (await visitor.get("/account")).text


async def test_a_name_that_is_taken_is_said_to_be(visitor: Visitor) -> None:
    await visitor.house.add_user("bob")
    form = await signed_in(visitor, "/account/profile")
    refused = await form.submit(**(fields(form) | {"username": "BOB"}))
    assert refused.status_code == 400
    assert "Somebody else has this already" in text_of(refused.text, "problem")


@pytest.mark.parametrize("version", ["2", "", "x", "9" * 40, "-1"])
async def test_rfc9110_s13_a_form_of_another_version_changes_nothing(visitor: Visitor, version: str) -> None:
    form = await signed_in(visitor, "/account/profile")
    refused = await form.submit(**(fields(form) | {"name": "Second", "version": version}))
    assert refused.status_code == 400
    assert "changed elsewhere" in text_of(refused.text, "problem")
    assert "Second" not in (await visitor.get("/account")).text


@pytest.mark.parametrize(
    "path", ["/account/profile", "/account/password", "/account/sessions", "/account/consents"]
)
async def test_attack_36_a_form_from_elsewhere_changes_nothing(visitor: Visitor, path: str) -> None:
    await signed_in(visitor)
    async with visitor_of(visitor.house) as other:
        theirs = await signed_in(other, "/account/sessions")
        for token in (None, "", "x", theirs.csrf):
            sent = {"everywhere": "yes", "client": "x", "name": "Evil", "password": NEW_PASSWORD}
            refused = await visitor.http.post(path, data=sent | ({} if token is None else {"csrf": token}))
            assert refused.status_code == 400
            assert text_of(refused.text, "advice").startswith("This form is no longer valid")
        assert (await other.get("/account")).status_code == 200
    assert (await visitor.get("/account")).status_code == 200
    assert "Evil" not in (await visitor.get("/account")).text
