"""Every page in Chromium: readable for everybody, on a phone, in the dark, by keyboard alone, without scripts."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.async_api import Page, expect

from identity_service.i18n.catalogues import catalogues
from tests.browser.axe import barriers
from tests.browser.chromium import Watched, keep_screenshot
from tests.pages import SAMPLES, own_look, showing
from tests.serving import free_listener, serving, url_of

pytestmark = pytest.mark.system

DESK = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "device_scale_factor": 2}
BEYOND_THE_EDGE = """
    Array.from(document.querySelectorAll("body *"))
        .filter(each => each.getBoundingClientRect().right > innerWidth || each.getBoundingClientRect().left < 0
            || each.scrollWidth > each.clientWidth + 1)
        .filter(each => getComputedStyle(each).display !== "inline" && !["INPUT", "TEXTAREA"].includes(each.tagName))
        .map(each => each.outerHTML)
"""
LANGUAGES = sorted(catalogues())
RIGHT_OF_HEADING = """
    (() => {
        const text = document.createRange();
        text.selectNodeContents(document.querySelector("h1"));
        return document.querySelector("main").getBoundingClientRect().right - text.getBoundingClientRect().right;
    })()
"""
FOCUSED = "document.activeElement.id || document.activeElement.textContent"


async def show(page: Page, base: str, name: str, *, language: str = "en") -> Page:
    """Look at a page; the form that submits itself stays."""
    await page.route("**/form_post.*.js", lambda route: route.fulfill(body=""))
    await page.goto(f"{base}/{name}?ui_locales={language}")
    return page


async def sent(page: Page) -> list[tuple[str, str]]:
    """What the form has sent, as the application there tells it."""
    await page.wait_for_url("**/sent")
    return parse_qsl(await page.locator("body").inner_text(), keep_blank_values=True)


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_page_has_no_barriers_in_either_mode(browser: Watched, shown: str, name: str) -> None:
    page = await browser.page(viewport=DESK)
    await show(page, shown, name)
    for mode in ("light", "dark"):
        await page.emulate_media(color_scheme=mode)
        await keep_screenshot(page, f"{name}-{mode}")
        assert await barriers(page) == []


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_page_fits_a_phone_in_every_language(browser: Watched, shown: str, name: str) -> None:
    """Each page in every language; its other states in the one of the longest words."""
    page = await browser.page(**PHONE)
    for language in LANGUAGES if "-" not in name else ("de",):
        await show(page, shown, name, language=language)
        await keep_screenshot(page, f"{name}-phone-{language}")
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
        assert await page.evaluate(BEYOND_THE_EDGE) == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if "-" not in name])
async def test_a_page_in_arabic_has_no_barriers_and_begins_at_the_right(
    browser: Watched, shown: str, name: str
) -> None:
    page = await browser.page(viewport=DESK)
    await show(page, shown, name, language="ar")
    for mode in ("light", "dark"):
        await page.emulate_media(color_scheme=mode)
        await keep_screenshot(page, f"{name}-ar-{mode}")
        assert await barriers(page) == []
    assert await page.evaluate(RIGHT_OF_HEADING) < 100


async def test_a_problem_is_marked_where_the_line_begins(browser: Watched, shown: str) -> None:
    page = await browser.page()
    for language, side, other in (("en", "Left", "Right"), ("ar", "Right", "Left")):
        await show(page, shown, "login-busy", language=language)
        for each, width in ((side, "4px"), (other, "0px")):
            style = f"getComputedStyle(document.getElementById('problem')).border{each}Width"
            assert await page.evaluate(style) == width


async def test_barriers_are_found(browser: Watched) -> None:
    page = await browser.page()
    await page.set_content("<!doctype html><title>x</title><input><p style='color:#aaa'>pale</p>")
    found = await barriers(page)
    assert any("critical: label" in line for line in found), found
    assert any("serious: color-contrast" in line for line in found), found


async def test_what_goes_against_the_policy_is_noticed(unjudged_browser: Watched, shown: str) -> None:
    page = await show(await unjudged_browser.page(), shown, "login")
    assert unjudged_browser.complaints == []
    await page.evaluate("document.body.appendChild(new Image()).src = 'https://elsewhere.example/x.png'")
    await page.evaluate("document.body.setAttribute('style', 'color: red')")
    await expect(page.locator("img")).to_have_count(1)
    assert len([text for text in unjudged_browser.complaints if "Content Security Policy" in text]) == 2


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        (
            "login",
            ["username", "password", "login", "cancel", "Website", "Privacy policy", "Terms of service"],
        ),
        ("login-wrong_credentials", ["password", "login", "cancel", "Website"]),
        ("consent", ["consent-allow", "consent-deny", "account", "Website", "Privacy policy"]),
        ("select_account", ["account-1", "account-2", "account-other", "Website"]),
        ("logout", ["logout", "stay"]),
        (
            "account_sessions",
            [
                "tab-profile",
                "tab-sessions",
                "tab-consents",
                "tab-activity",
                "end-2",
                "end-3",
                "everywhere",
                "sign-out",
            ],
        ),
        ("signed_out", ["continue"]),
    ],
)
async def test_the_keyboard_leads_through_a_page_in_order_and_one_sees_where_it_is(
    browser: Watched, shown: str, name: str, stops: list[str]
) -> None:
    page = await show(await browser.page(), shown, name)
    first = page.locator("[autofocus]")
    if await first.count():
        await expect(first).to_be_focused()
    else:
        await page.keyboard.press("Tab")
    for stop in stops:
        assert await page.evaluate(FOCUSED) == stop
        style = (
            "const s = getComputedStyle(document.activeElement); [s.outlineStyle, parseFloat(s.outlineWidth)]"
        )
        line, width = await page.evaluate(style)
        assert (line, width >= 2) == ("solid", True), stop
        await page.keyboard.press("Tab")


async def test_signing_in_takes_the_keyboard_only(browser: Watched, shown: str) -> None:
    page = await show(await browser.page(), shown, "login")
    await expect(page.locator("#username")).to_be_focused()
    await page.keyboard.type("ada")
    await page.keyboard.press("Tab")
    await page.keyboard.type("p & p")
    await page.keyboard.press("Enter")
    assert await sent(page) == [("csrf", "c-1"), ("username", "ada"), ("password", "p & p")]


BUTTONS = {
    ("login", "cancel"): [("username", ""), ("password", ""), ("action", "cancel")],
    ("consent", "consent-allow"): [("action", "allow")],
    ("consent", "consent-deny"): [("action", "deny")],
    ("select_account", "account-2"): [("account", "k-2")],
    ("select_account", "account-other"): [("account", "")],
    ("logout", "logout"): [("action", "logout")],
    ("logout", "stay"): [("action", "stay")],
    ("account_sessions", "end-2"): [("session", "s-2")],
    ("account_sessions", "everywhere"): [("everywhere", "yes")],
    ("account_consents", "withdraw-1"): [("client", "album")],
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_each_button_says_what_it_stands_for(browser: Watched, shown: str, scripts: bool) -> None:
    page = await browser.page(java_script_enabled=scripts)
    for (name, button), expected in BUTTONS.items():
        await show(page, shown, name)
        await page.locator(f"#{button}").click()
        assert await sent(page) == [("csrf", "c-1"), *expected]


async def test_a_form_is_not_sent_half_filled(browser: Watched, shown: str) -> None:
    page = await show(await browser.page(), shown, "login")
    await page.get_by_label("Username").fill("ada")
    await page.locator("#login").click()
    await expect(page.get_by_label("Password")).to_be_focused()
    assert page.url.startswith(f"{shown}/login")


async def test_a_reader_of_screens_is_told_what_each_thing_is(browser: Watched, shown: str) -> None:
    page = await show(await browser.page(), shown, "login-wrong_credentials", language="de")
    await expect(page.get_by_role("alert")).to_contain_text("gehören nicht zusammen")
    await expect(page.get_by_label("Passwort")).to_be_focused()
    described = await page.get_by_label("Passwort").get_attribute("aria-describedby")
    await expect(page.locator(f"#{described}")).to_contain_text("gehören nicht zusammen")
    await expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    await show(page, shown, "consent")
    await expect(page.get_by_role("heading", name="Allow access?")).to_be_visible()
    await expect(page.get_by_role("list", name="It will be able to").get_by_role("listitem")).to_have_count(5)


@pytest.mark.parametrize(("mode", "is_dark"), [("light", False), ("dark", True)])
async def test_the_page_is_as_dark_as_its_reader_wants_it(
    browser: Watched, shown: str, mode: str, is_dark: bool
) -> None:
    page = await show(await browser.page(color_scheme=mode), shown, "login")
    for place in ("html", "main", "input"):
        colour = await page.evaluate(f"getComputedStyle(document.querySelector('{place}')).backgroundColor")
        assert (sum(map(int, colour[4:-1].split(","))) < 200) is is_dark, (place, colour)


@pytest.mark.parametrize(("wish", "moves"), [("reduce", False), ("no-preference", True)])
async def test_nothing_moves_where_nothing_shall_move(
    browser: Watched, shown: str, wish: str, moves: bool
) -> None:
    page = await show(await browser.page(reduced_motion=wish), shown, "login")
    seconds = await page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('button')).transitionDuration)"
    )
    assert (seconds > 0) is moves


async def test_a_deployment_is_recognised(browser: Watched, tmp_path: Path) -> None:
    listener = free_listener()
    async with serving(showing(assets=own_look(tmp_path)), listener):
        page = await show(await browser.page(viewport=DESK), url_of(listener), "login")
        await keep_screenshot(page, "login-own")
        colour = await page.evaluate("getComputedStyle(document.getElementById('login')).backgroundColor")
        assert colour == "rgb(122, 32, 72)"
        assert await page.evaluate("document.querySelector('header img').naturalWidth") > 0
