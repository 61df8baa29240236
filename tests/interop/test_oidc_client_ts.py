"""oidc-client-ts in Chromium: an application of one page, at another origin than ours."""

import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Error, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from tests.browser.chromium import Watched
from tests.house import PASSWORD
from tests.interop.node_program import PACKAGES, require_packages
from tests.interop.provider import SCOPE, Provider
from tests.running import SECONDS_TO_WAIT
from tests.serving import serving

pytestmark = pytest.mark.system

LIBRARY = PACKAGES / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.js"
PAGE = """<!doctype html><html lang="en"><title>An application</title><link rel="icon" href="data:,">
<script src="/oidc-client-ts.js"></script>
<script>const manager = new oidc.UserManager(%s);
if (location.pathname === "/silent") manager.signinSilentCallback();
if (location.pathname === "/popup") manager.signinPopupCallback();
</script>"""
PLAIN = "what => JSON.parse(JSON.stringify(what ?? null))"


@dataclass(frozen=True)
class Application:
    """Where it is, and the page that it has open."""

    origin: str
    page: Page

    async def does(self, order: str) -> Any:
        """What comes of an order to the library's manager."""
        return await self.page.evaluate(f"manager.{order}.then({PLAIN})")

    async def leaves_by(self, order: str) -> None:
        """An order that navigates."""
        await self.page.evaluate(f"void manager.{order}")


@asynccontextmanager
async def application(
    provider: Provider, browser: Watched, *, host: str = "localhost", port: int = 0, **settings: Any
) -> AsyncIterator[Application]:
    """Served on the port that the server lets in, or on another one; registered as a public client."""
    require_packages()
    listener = socket.create_server(("127.0.0.1", port))
    origin = f"http://{host}:{listener.getsockname()[1]}"
    client = await provider.client(
        public=True,
        redirect_uris=tuple(f"{origin}/{name}" for name in ("callback", "silent", "popup")),
        post_logout_redirect_uris=(f"{origin}/bye",),
    )
    chosen = {
        "authority": provider.issuer,
        "client_id": client.id,
        "redirect_uri": f"{origin}/callback",
        "silent_redirect_uri": f"{origin}/silent",
        "popup_redirect_uri": f"{origin}/popup",
        "post_logout_redirect_uri": f"{origin}/bye",
        "scope": SCOPE,
        "loadUserInfo": True,
        "automaticSilentRenew": False,
        "silentRequestTimeoutInSeconds": SECONDS_TO_WAIT,
    }
    text = PAGE % json.dumps(chosen | settings)

    async def answer(request: Request) -> Response:
        return FileResponse(LIBRARY) if request.url.path == "/oidc-client-ts.js" else HTMLResponse(text)

    async with serving(Starlette(routes=[Route("/{path:path}", answer)]), listener):
        page = await browser.page()
        page.context.set_default_timeout(SECONDS_TO_WAIT * 1000)
        await page.goto(f"{origin}/")
        yield Application(origin, page)


async def fill_in(page: Page) -> None:
    """Signs in and agrees."""
    await page.locator("#username").fill("alice")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#login").click()
    await page.locator("#consent-allow").click()


async def signed_in(app: Application, arguments: str = "") -> dict[str, Any]:
    """The user that the library made of the answer."""
    await app.leaves_by(f"signinRedirect({arguments})")
    await fill_in(app.page)
    await app.page.wait_for_url(f"{app.origin}/callback?**")
    return dict(await app.does("signinRedirectCallback()"))


async def test_goes_the_whole_way_by_redirects(provider: Provider, browser: Watched) -> None:
    async with application(provider, browser, port=provider.page_port) as app:
        user = await signed_in(app, '{nonce: "n-1"}')
        assert user["profile"]["iss"] == provider.issuer
        assert (user["profile"]["email"], user["profile"]["name"]) == ("alice@example.org", "Alice Example")

        fresh = await app.does("signinSilent()")
        assert fresh["refresh_token"] != user["refresh_token"]
        assert fresh["profile"]["sub"] == user["profile"]["sub"]

        await app.does('revokeTokens(["refresh_token"])')
        gone = await app.page.request.get(
            f"{provider.issuer}/oauth2/userinfo", headers={"Authorization": f"Bearer {fresh['access_token']}"}
        )
        assert gone.status == 401

        await app.leaves_by('signoutRedirect({state: "farewell"})')
        await app.page.wait_for_url(f"{app.origin}/bye?**")
        assert (await app.does("signoutRedirectCallback()"))["userState"] == "farewell"


async def test_signs_in_by_a_popup(provider: Provider, browser: Watched) -> None:
    async with application(provider, browser, port=provider.page_port) as app:
        async with app.page.expect_popup() as opening:
            await app.page.evaluate("window.waiting = manager.signinPopup(); null")
        popup = await opening.value
        await fill_in(popup)
        user = await app.page.evaluate(f"window.waiting.then({PLAIN})")
        assert user["profile"]["email"] == "alice@example.org"


async def test_asks_silently_in_a_frame_where_both_are_of_one_site(
    provider: Provider, browser: Watched
) -> None:
    scope = "openid profile"  # no refresh token: the library asks with prompt=none
    async with application(provider, browser, host="127.0.0.1", port=provider.page_port, scope=scope) as app:
        user = await signed_in(app)
        again = await app.does("signinSilent()")
        assert again["profile"]["sub"] == user["profile"]["sub"]


async def test_a_frame_of_another_site_is_not_signed_in(provider: Provider, browser: Watched) -> None:
    async with application(provider, browser, port=provider.page_port, scope="openid") as app:
        await signed_in(app)
        await app.does("removeUser()")
        assert await app.does("signinSilent().catch(refused => refused.error)") == "login_required"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param("state", "No matching state found in storage", id="state"),
        pytest.param("nonce", "nonce in id_token does not match nonce in client storage", id="nonce"),
    ],
)
async def test_what_is_of_somebody_else_is_refused_by_the_library(
    provider: Provider, browser: Watched, changed: str, why: str
) -> None:
    async with application(provider, browser, port=provider.page_port) as app:
        await app.page.route(
            f"{provider.issuer}/oauth2/authorize?**",
            lambda route: route.continue_(
                url=re.sub(rf"\b{changed}=[^&]*", f"{changed}=foreign", route.request.url)
            ),
        )
        with pytest.raises(Error, match=why):
            await signed_in(app, '{nonce: "n-1"}')


async def test_a_page_that_is_not_let_in_learns_nothing(
    provider: Provider, unjudged_browser: Watched
) -> None:
    async with application(provider, unjudged_browser) as app:
        with pytest.raises(Error, match="Failed to fetch"):
            await app.does("signinRedirect()")
        assert any("CORS policy" in complaint for complaint in unjudged_browser.complaints)
