"""People sign in, in a real browser, from a client's link to the page of that client, whatever they use and do."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.browser.axe import barriers
from tests.browser.chromium import Watched
from tests.house import PASSWORD, House, Registered
from tests.serving import free_listener, serving, url_of
from tests.visitor import Pkce, app_of, asked

pytestmark = pytest.mark.system

Open = Callable[..., AbstractAsyncContextManager[House]]


async def callback(request: Request) -> Response:
    """The client's page: what it was told, as text."""
    if request.method == "POST":
        return PlainTextResponse((await request.body()).decode())
    return PlainTextResponse(request.url.query)


class Town:
    """A house on a port, and a client on another one."""

    def __init__(self, house: House, url: str, client: Registered, callback_url: str) -> None:
        self.house = house
        self.url = url
        self.client = client
        self.callback_url = callback_url

    def link(self, **params: Any) -> str:
        """The client's link to the house."""
        members = asked(self.client, Pkce.new(), redirect_uri=self.callback_url, **params)
        return f"{self.url}/oauth2/authorize?{urlencode(members)}"

    async def told(self, page: Page) -> dict[str, str]:
        """What stands on the client's page, once the browser is there."""
        await page.wait_for_url(f"{self.callback_url}**")
        return dict(parse_qsl(await page.locator("body").inner_text()))


@pytest.fixture
async def town(house_with: Open) -> AsyncIterator[Town]:
    here, there = free_listener(), free_listener()
    app = Starlette(routes=[Route("/callback", callback, methods=["GET", "POST"])])
    async with house_with(issuer=url_of(here), access_log=False) as house, serving(app, there):
        await house.add_user()
        await house.add_user("bob")
        callback_url = f"{url_of(there)}/callback"
        client = await app_of(house, redirect_uris=(callback_url,), client_name="The Corner Shop")
        async with serving(house.app, here):
            yield Town(house, url_of(here), client, callback_url)


async def sign_in(page: Page, username: str = "alice", password: str = PASSWORD) -> None:
    await page.locator("#username").fill(username)
    await page.locator("#password").fill(password)
    await page.locator("#login").click()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as usual"),
        pytest.param({"java_script_enabled": False}, id="without scripts"),
        pytest.param({"viewport": {"width": 320, "height": 640}}, id="on a small phone"),
        pytest.param({"color_scheme": "dark", "locale": "de-DE"}, id="in the dark, in German"),
    ],
)
async def test_s4_a_person_signs_in_and_agrees(browser: Watched, town: Town, options: dict[str, Any]) -> None:
    page = await browser.page(**options)
    await page.goto(town.link(scope="openid profile email"))
    await sign_in(page)
    await expect(page.locator("main")).to_contain_text("The Corner Shop")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth") or not options.get(
        "java_script_enabled", True
    )
    if options.get("java_script_enabled", True):
        assert await barriers(page) == []
    await page.locator("#consent-allow").click()
    told = await town.told(page)

    assert told.keys() == {"code", "state", "iss"}
    assert told["iss"] == town.url


async def test_s4_the_whole_way_goes_by_keyboard(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await expect(page.locator("#username")).to_be_focused()
    await page.keyboard.type("alice")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/consent/**")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "consent-allow":
            break
    await page.keyboard.press("Enter")

    assert "code" in await town.told(page)


async def test_s4_form_post_arrives_at_the_client(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link(response_mode="form_post"))
    await sign_in(page)
    await page.locator("#consent-allow").click()

    assert (await town.told(page)).keys() == {"code", "state", "iss"}


async def test_s4_who_is_signed_in_comes_back_at_once(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await sign_in(page)
    await page.locator("#consent-allow").click()
    await town.told(page)
    await page.goto(town.link(state="again"))

    assert (await town.told(page))["state"] == "again"


async def test_s4_a_wrong_password_is_told_on_the_page_and_the_name_stays(
    browser: Watched, town: Town
) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await sign_in(page, password="not the password")
    await expect(page.locator("#problem")).to_be_visible()
    assert await page.locator("#username").input_value() == "alice"
    assert await page.locator("#password").input_value() == ""
    assert await barriers(page) == []
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#login").click()

    await page.wait_for_url("**/consent/**")


@pytest.mark.parametrize(
    ("until", "button"),
    [pytest.param("login", "#cancel", id="cancel"), pytest.param("consent", "#consent-deny", id="deny")],
)
async def test_s4_who_does_not_want_to_goes_back_to_the_client(
    browser: Watched, town: Town, until: str, button: str
) -> None:
    page = await browser.page()
    await page.goto(town.link())
    if until == "consent":
        await sign_in(page)
    await page.locator(button).click()

    assert (await town.told(page))["error"] == "access_denied"


async def test_s4_the_back_button_after_the_end_leads_to_a_page_that_says_so(
    browser: Watched, town: Town
) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await sign_in(page)
    consent = page.url
    await page.locator("#consent-allow").click()
    await town.told(page)
    await page.goto(consent)

    await expect(page.locator("#error-code")).to_have_text("invalid_request")
    await expect(page.locator("#advice")).to_be_visible()
    assert await barriers(page) == []


async def test_s4_two_tabs_do_not_get_in_each_others_way(browser: Watched, town: Town) -> None:
    one = await browser.page()
    other = await one.context.new_page()
    await one.goto(town.link(state="one"))
    await other.goto(town.link(state="other"))
    await sign_in(other)
    await other.locator("#consent-allow").click()
    assert (await town.told(other))["state"] == "other"
    await sign_in(one)  # the page is still there; the other tab has signed in meanwhile

    assert (await town.told(one))["state"] == "one"


async def test_s4_without_cookies_a_page_says_what_to_do(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await page.context.clear_cookies()
    await sign_in(page)

    await expect(page.locator("#error-code")).to_be_visible()
    await expect(page.locator("#advice")).to_contain_text("cookie")


async def test_s4_a_person_chooses_another_account(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await sign_in(page)
    await page.locator("#consent-allow").click()
    await town.told(page)
    await page.goto(town.link(prompt="select_account"))
    await expect(page.locator("main")).to_contain_text("alice")
    assert await barriers(page) == []
    await page.locator("#account-other").click()
    await sign_in(page, "bob")
    await expect(page.locator("main")).to_contain_text("bob")
    await page.locator("#consent-allow").click()

    assert "code" in await town.told(page)


async def test_s4_a_person_signs_out_and_has_to_sign_in_again(browser: Watched, town: Town) -> None:
    page = await browser.page()
    await page.goto(town.link())
    await sign_in(page)
    await page.locator("#consent-allow").click()
    await town.told(page)
    await page.goto(f"{town.url}/oauth2/logout")
    assert await barriers(page) == []
    await page.locator("#logout").click()
    await expect(page.locator("h1")).to_be_visible()
    assert urlsplit(page.url).path == "/oauth2/logout"
    await page.goto(town.link())

    await expect(page.locator("#username")).to_be_visible()
