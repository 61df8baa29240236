"""The demo beside a real server, in a real browser: a sign-in, what it shows of it, and two ways for it to be over."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from identity_service.demo.app import create_app
from identity_service.demo.own_key import make_key, public
from identity_service.demo.party import Party, registration
from identity_service.demo.registering import registered
from tests.browser.axe import barriers
from tests.browser.chromium import Watched, keep_screenshot
from tests.house import PASSWORD, House
from tests.serving import free_listener, serving, url_of

pytestmark = pytest.mark.system

Open = Callable[..., AbstractAsyncContextManager[House]]
PATIENCE_MILLISECONDS = 10_000


@pytest.fixture
async def demo(house_with: Open, tmp_path: Path) -> AsyncIterator[Party]:
    """The demo, which has registered itself at the server; alice has an account there."""
    here, there = free_listener(), free_listener()
    issuer, url = url_of(here), url_of(there)
    chosen = {"fetch_exceptions": (url.removeprefix("http://"),), "client_registration": "open"}
    async with house_with(issuer=issuer, **chosen) as house, serving(house.app, here):
        await house.add_user(name="Alice Liddell")
        key = make_key(tmp_path / "key.json")
        client_id = await registered(issuer, registration(url, public(key)))
        party = Party(issuer=issuer, client_id=client_id, url=url, key=key)
        async with serving(create_app(party), there):
            yield party


async def sign_in_at_server(page: Page) -> None:
    await page.locator("#username").fill("alice")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#login").click()


async def signed_in(page: Page, demo: Party) -> None:
    """From the demo's first page to the one that shows what it knows."""
    await page.goto(demo.url)
    await page.locator("#sign-in").click()
    await sign_in_at_server(page)
    await page.locator("#consent-allow").click()
    await page.wait_for_url(f"{demo.url}/")


async def test_a_session_that_is_ended_in_the_account_home_is_over_at_the_demo(
    browser: Watched, demo: Party
) -> None:
    page, elsewhere = await browser.page(), await browser.page()
    await signed_in(page, demo)
    await expect(page.locator("#name")).to_have_text("Alice Liddell")
    claims = page.locator('table[aria-labelledby="claims"]')
    for claim in ("iss", "sub", "aud", "sid", "auth_time"):
        await expect(claims.locator("th code", has_text=claim).first).to_be_visible()
    await expect(claims).to_contain_text(demo.issuer)
    assert await barriers(page) == []
    await keep_screenshot(page, "demo-signed-in")

    await elsewhere.goto(f"{demo.issuer}/account/sessions")
    await sign_in_at_server(elsewhere)
    await elsewhere.locator("button[name=session]").click()
    await expect(elsewhere.locator("#done")).to_be_visible()

    async def over() -> bool:
        await page.goto(demo.url)
        return await page.locator("#ended").is_visible()

    for _ in range(PATIENCE_MILLISECONDS // 100):
        if await over():
            break
        await page.wait_for_timeout(100)
    await expect(page.locator("#ended")).to_contain_text("signed out by the server")
    assert await barriers(page) == []
    await keep_screenshot(page, "demo-ended-by-server")
    await page.locator("#sign-in").click()
    await expect(page.locator("#username")).to_be_visible()


async def test_a_person_signs_out_at_the_demo_and_with_that_at_the_server(
    browser: Watched, demo: Party
) -> None:
    page = await browser.page()
    await signed_in(page, demo)
    await page.locator("#refresh").click()
    await expect(page.locator("#refreshed")).to_be_visible()
    await page.locator("#sign-out").click()
    await page.wait_for_url(f"{demo.url}/signed-out?*")
    await expect(page.locator("h1")).to_have_text("You are signed out")
    await expect(page.locator("#ended")).to_have_count(0)
    await keep_screenshot(page, "demo-signed-out")
    await page.goto(f"{demo.issuer}/account")
    await expect(page.locator("#username")).to_be_visible()
