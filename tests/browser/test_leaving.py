"""How people leave our pages for a client: by a form that submits itself, by a button, in a popup; and nowhere else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from identity_service.web.headers import form_target
from identity_service.web.static import Assets, read_assets
from tests.browser.chromium import Watched
from tests.pages import ERROR, FORM_POST, LOGIN, showing
from tests.serving import free_listener, serving, url_of

pytestmark = pytest.mark.system

SENT = "code=idc_1&state=s+%26+s&iss=https%3A%2F%2Fid.example"


async def client_page(request: Request) -> Response:
    """A page of a client, at another origin than ours."""
    if request.method == "POST":
        return PlainTextResponse((await request.body()).decode())
    return HTMLResponse("<!doctype html><link rel='icon' href='data:,'><title>client</title>")


@pytest.fixture
async def client() -> AsyncIterator[str]:
    """Where the client is. Another host name is another origin, and another site."""
    listener = free_listener()
    app = Starlette(routes=[Route("/{path:path}", client_page, methods=["GET", "POST"])])
    async with serving(app, listener):
        yield url_of(listener).replace("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    "members", [(), (("submit", "x"), ("id", "y"))], ids=["ordinary", "named like methods"]
)
async def test_form_post_submits_itself(
    browser: Watched, client: str, members: tuple[tuple[str, str], ...]
) -> None:
    page_of_ours = replace(FORM_POST, action=f"{client}/callback", members=(*FORM_POST.members, *members))
    listener = free_listener()
    async with serving(showing({"page": page_of_ours}, form_action=(form_target(client),)), listener):
        page = await browser.page()
        await page.goto(f"{url_of(listener)}/page")
        await page.wait_for_url(f"{client}/callback")
        more = "&submit=x&id=y" if members else ""
        assert await page.locator("body").inner_text() == SENT + more


async def test_form_post_needs_a_press_where_there_are_no_scripts(browser: Watched, client: str) -> None:
    page_of_ours = replace(FORM_POST, action=f"{client}/callback")
    listener = free_listener()
    async with serving(showing({"page": page_of_ours}, form_action=(form_target(client),)), listener):
        page = await browser.page(java_script_enabled=False)
        await page.goto(f"{url_of(listener)}/page")
        await page.get_by_role("button", name="Continue").click()
        await page.wait_for_url(f"{client}/callback")
        assert await page.locator("body").inner_text() == SENT


async def test_a_form_leads_nowhere_that_was_not_named(unjudged_browser: Watched, client: str) -> None:
    page_of_ours = replace(FORM_POST, action=f"{client}/callback")
    listener = free_listener()
    async with serving(showing({"page": page_of_ours}, form_action=()), listener):
        page = await unjudged_browser.page(java_script_enabled=False)
        await page.goto(f"{url_of(listener)}/page")
        await page.locator("#continue").focus()
        async with page.expect_event("console"):
            await page.keyboard.press("Enter")
        assert page.url == f"{url_of(listener)}/page"
        [complaint] = unjudged_browser.complaints
        assert "form-action" in complaint


@pytest.mark.parametrize(("page_of_ours", "kept"), [(LOGIN, True), (ERROR, False)], ids=["sign-in", "error"])
async def test_a_popup_that_comes_back_still_knows_who_opened_it(
    browser: Watched, client: str, page_of_ours: object, kept: bool
) -> None:
    listener = free_listener()
    async with serving(showing({"page": page_of_ours}), listener):
        opener = await browser.page()
        await opener.goto(client)
        async with opener.expect_popup() as opening:
            await opener.evaluate(f"void open('{url_of(listener)}/page')")
        popup = await opening.value
        await expect(popup.locator("h1")).to_be_visible()
        await popup.evaluate(f"void (location = '{client}/callback')")
        await popup.wait_for_url(f"{client}/callback")
        assert await popup.evaluate("window.opener !== null") is kept


async def test_a_logo_is_no_document_of_ours(unjudged_browser: Watched, tmp_path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "ran"</script></svg>'
    )
    assets: Assets = read_assets(logo_file=logo)
    listener = free_listener()
    async with serving(showing(assets=assets), listener):
        page = await unjudged_browser.page()
        await page.goto(f"{url_of(listener)}/static/{assets.name('logo')}")
        assert await page.evaluate("document.documentElement.id") == ""
        assert await page.evaluate("origin") == "null"
