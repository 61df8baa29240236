"""People sign out in a real browser, and clients learn of it there: by a frame of theirs, and by a frame of ours."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.browser.chromium import Watched
from tests.browser.test_signing_in import Town, sign_in
from tests.house import House
from tests.serving import free_listener, serving, url_of
from tests.visitor import app_of

pytestmark = pytest.mark.system

Open = Callable[..., AbstractAsyncContextManager[House]]
WATCHING = (
    """<!doctype html><link rel="icon" href="data:,"><title>client</title><iframe src="{page}"></iframe>"""
)
ASK = """
([page, message]) => new Promise(answered => {
    addEventListener("message", event => event.origin === new URL(page).origin && answered(event.data), {once: true});
    document.querySelector("iframe").contentWindow.postMessage(message, new URL(page).origin);
})
"""


class Client:
    """The client's pages, and what they were asked for."""

    def __init__(self) -> None:
        self.out: list[dict[str, str]] = []
        self.framed = ""

    async def callback(self, request: Request) -> Response:
        return PlainTextResponse(request.url.query)

    async def signed_out(self, request: Request) -> Response:
        self.out.append(dict(request.query_params))
        return HTMLResponse("<!doctype html><title>out</title>")

    async def bye(self, request: Request) -> Response:
        return PlainTextResponse("bye")

    async def watching(self, request: Request) -> Response:
        return HTMLResponse(WATCHING.format(page=self.framed))


@pytest.fixture
def pages() -> Client:
    return Client()


@pytest.fixture
async def town(house_with: Open, pages: Client) -> AsyncIterator[Town]:
    here, there = free_listener(), free_listener()
    names = {
        "/callback": pages.callback,
        "/out": pages.signed_out,
        "/bye": pages.bye,
        "/watching": pages.watching,
    }
    app = Starlette(routes=[Route(path, page) for path, page in names.items()])
    issuer, client_url = url_of(here), url_of(there)
    pages.framed = f"{issuer}/oauth2/check-session"
    async with house_with(issuer=issuer, session_management=True) as house, serving(app, there):
        await house.add_user()
        client = await app_of(
            house,
            redirect_uris=(f"{client_url}/callback",),
            post_logout_redirect_uris=(f"{client_url}/bye",),
            frontchannel_logout_uri=f"{client_url}/out?own=1",
            first_party=True,
        )
        async with serving(house.app, here):
            yield Town(house, issuer, client, f"{client_url}/callback")


async def signed_in(page: Page, town: Town) -> dict[str, str]:
    await page.goto(town.link())
    await sign_in(page)
    return await town.told(page)


def logout_link(town: Town) -> str:
    bye = town.callback_url.replace("/callback", "/bye")
    return f"{town.url}/oauth2/logout?client_id={town.client.id}&post_logout_redirect_uri={bye}"


@pytest.mark.parametrize("scripts", [True, False], ids=["by itself", "by a link, without scripts"])
async def test_frontchannel_s3_clients_are_shown_and_then_the_browser_goes_on(
    browser: Watched, town: Town, pages: Client, scripts: bool
) -> None:
    page = await browser.page(java_script_enabled=scripts)
    await signed_in(page, town)
    await page.goto(logout_link(town))
    await page.locator("#logout").click()
    if not scripts:
        await expect(page.locator("h1")).to_have_text("You are signed out")
        await expect(page.locator("iframe")).to_be_hidden()
        await page.wait_for_load_state()
        await page.locator("#continue").click()
    await page.wait_for_url("**/bye")

    [told] = pages.out
    assert (told["own"], told["iss"]) == ("1", town.url)
    assert set(told) == {"own", "iss", "sid"}


async def test_session_management_s3_2_a_page_of_the_client_sees_the_session_change(
    browser: Watched, town: Town, pages: Client
) -> None:
    page = await browser.page()
    answer = await signed_in(page, town)
    watching = town.callback_url.replace("/callback", "/watching")

    async def verdict(message: str) -> str:
        await page.goto(watching)
        await page.wait_for_load_state()
        return str(await page.evaluate(ASK, [pages.framed, message]))

    assert await verdict(f"{town.client.id} {answer['session_state']}") == "unchanged"
    assert await verdict(f"other {answer['session_state']}") == "changed"
    assert await verdict("nonsense") == "error"
    await page.goto(logout_link(town))
    await page.locator("#logout").click()
    await page.wait_for_url("**/bye")
    assert await verdict(f"{town.client.id} {answer['session_state']}") == "changed"
