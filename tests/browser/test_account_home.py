"""A person looks after their account in a real browser, in their language, with and without scripts."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.chromium import Watched, keep_screenshot
from tests.house import PASSWORD, House
from tests.serving import free_listener, serving, url_of

pytestmark = pytest.mark.system

Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
async def home(house_with: Open) -> AsyncIterator[str]:
    """Where the account home of alice is."""
    here = free_listener()
    async with house_with(issuer=url_of(here), access_log=False) as house:
        await house.add_user()
        async with serving(house.app, here):
            yield f"{url_of(here)}/account"


async def open_home(page: Page, url: str) -> None:
    await page.goto(url)
    await page.locator("#username").fill("alice")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#login").click()
    await page.wait_for_url(url)


@pytest.mark.parametrize(
    ("options", "saved"),
    [
        pytest.param({}, "Your profile has been saved.", id="as usual"),
        pytest.param({"java_script_enabled": False}, "Your profile has been saved.", id="without scripts"),
        pytest.param(
            {"locale": "ar-EG", "viewport": {"width": 320, "height": 640}},
            "تم حفظ ملفك الشخصي.",
            id="in Arabic, on a small phone",
        ),
    ],
)
async def test_a_person_edits_their_profile(
    browser: Watched, home: str, options: dict[str, Any], saved: str
) -> None:
    page = await browser.page(**options)
    await open_home(page, home)
    await page.locator("#edit").click()
    await page.locator("#name").fill("Alice Liddell")
    await page.locator("#save").click()
    await expect(page.locator("#done")).to_have_text(saved)
    await expect(page.locator("#profile")).to_contain_text("Alice Liddell")
    if options.get("java_script_enabled", True):
        assert await barriers(page) == []


async def test_a_person_signs_out_everywhere_and_is_signed_out(browser: Watched, home: str) -> None:
    page, phone = await browser.page(), await browser.page(locale="ar")
    await open_home(page, home)
    await open_home(phone, home)
    await page.locator("#tab-sessions").click()
    await expect(page.locator("h2")).to_have_count(2)
    await keep_screenshot(page, "account_home-sessions")
    await page.locator("#everywhere").click()
    await expect(page.locator("h1")).to_have_text("You are signed out")
    await phone.reload()
    await expect(phone.locator("h1")).to_have_text("تسجيل الدخول")
    await expect(phone.locator("html")).to_have_attribute("dir", "rtl")
