"""What the pages of the account home say, beyond what holds for every page."""

from dataclasses import replace

import pytest

from tests.account_pages import ACTIVITY, AGREED, CONSENTS, EDIT, HERE, PROFILE, SESSIONS
from tests.html import elements, text_of
from tests.pages import CONSENT, LOGIN
from tests.unit.web.test_pages import client_of, showing, shown


async def test_the_tab_of_the_page_is_marked() -> None:
    for page, tab in ((PROFILE, "tab-profile"), (SESSIONS, "tab-sessions"), (CONSENTS, "tab-consents")):
        links = elements((await shown(page)).text, "a")
        assert [each["id"] for each in links if each.get("aria-current") == "page"] == [tab]


async def test_links_begin_with_the_path_of_the_issuer() -> None:
    page = replace(PROFILE, frame=replace(PROFILE.frame, base="/id"))
    hrefs = [each["href"] for each in elements((await shown(page)).text, "a")]
    assert [each for each in hrefs if not each.startswith(("/id/account", "/id/oauth2/logout"))] == []


async def test_this_browser_is_marked_and_has_no_button_of_its_own() -> None:
    html = (await shown(SESSIONS)).text
    assert text_of(html, "session-1") == "Firefox on Linux This browser"
    assert text_of(html, "session-3") == "Unknown browser"
    sent = [(each["name"], each["value"]) for each in elements(html, "button")]
    assert sent == [("session", "s-2"), ("session", "s-3"), ("everywhere", "yes")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "27 November 2026, 12:00"),
        ("de", "27. November 2026, 12:00"),
        ("es", "27 de noviembre de 2026, 12:00"),
        ("zh", "2026年11月27日 12:00"),
        ("ar", "27 نوفمبر 2026، 12:00"),
    ],
)
async def test_a_moment_is_told_as_each_language_tells_it(language: str, text: str) -> None:
    async with client_of(showing({"page": SESSIONS})) as client:
        html = (await client.get("/page", headers={"Accept-Language": language})).text
    assert f'<time datetime="2026-11-27T12:00:00Z">{text}</time>' in html


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 1, "You are signed in with 1 browser."),
        ("en", 2, "You are signed in with 2 browsers."),
        ("zh", 2, "您已在 2 个浏览器中登录。"),
        ("ar", 1, "أنت مسجّل الدخول في متصفح واحد."),
        ("ar", 2, "أنت مسجّل الدخول في متصفحين."),
        ("ar", 3, "أنت مسجّل الدخول في 3 متصفحات."),
        ("ar", 11, "أنت مسجّل الدخول في 11 متصفحًا."),
        ("ar", 100, "أنت مسجّل الدخول في 100 متصفح."),
    ],
)
async def test_a_number_takes_the_form_that_its_language_has_for_it(
    language: str, number: int, text: str
) -> None:
    async with client_of(showing({"page": replace(PROFILE, browsers=number)})) as client:
        assert text in (await client.get("/page", headers={"Accept-Language": language})).text


async def test_what_is_not_known_here_is_told_in_general_words() -> None:
    one = ACTIVITY.entries[0]
    entries = (
        replace(one, event="session.ended", variant="new"),
        replace(one, event="some.thing", variant=""),
    )
    html = (await shown(replace(ACTIVITY, entries=entries))).text
    assert "A browser was signed out" in html
    assert "Something else happened" in html
    assert "some.thing" not in html


async def test_what_was_typed_stays_and_its_field_says_what_is_wrong() -> None:
    wrong = tuple(
        tuple(replace(each, wrong=each.member == "website") for each in group) for group in EDIT.groups
    )
    html = (await shown(replace(EDIT, groups=wrong, problem="wrong_fields"))).text
    [website] = [each for each in elements(html, "input") if each.get("id") == "website"]
    assert website["value"] == "https://ada.example/"
    assert website["aria-invalid"] == "true"
    assert website["aria-describedby"].split() == ["website-wrong", "website-hint"]
    assert [each["id"] for each in elements(html, "input") if "aria-invalid" in each] == ["website"]


async def test_an_application_that_is_gone_can_still_lose_its_consent() -> None:
    html = (await shown(replace(CONSENTS, consents=(replace(AGREED, name=None),)))).text
    assert [(each["name"], each["value"]) for each in elements(html, "button")] == [("client", "album")]


async def test_the_page_that_asks_for_consent_leads_to_where_it_is_taken_back_and_the_sign_in_does_not() -> (
    None
):
    assert "/account" in [each["href"] for each in elements((await shown(CONSENT)).text, "a")]
    assert "/account" not in [each["href"] for each in elements((await shown(LOGIN)).text, "a")]


async def test_a_session_without_an_address_shows_none() -> None:
    html = (await shown(replace(SESSIONS, sessions=(replace(HERE, address=None),)))).text
    assert "Network address" not in html


async def test_oidc_core_s4_an_application_is_opened_where_it_begins_a_sign_in_and_nowhere_else() -> None:
    consents = (AGREED, replace(AGREED, opens=None), replace(AGREED, opens="javascript:alert(1)"))
    html = (await shown(replace(CONSENTS, consents=consents))).text

    links = [each for each in elements(html, "a") if each.get("id", "").startswith("open-")]
    assert [(each["id"], each["href"]) for each in links] == [("open-1", AGREED.opens)]
    assert links[0]["rel"] == "noopener noreferrer"
