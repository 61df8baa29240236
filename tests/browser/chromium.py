"""A real browser for tests: one Chromium for a process of the run, a fresh profile for each page that is opened."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, async_playwright

from tests.servers.process import Home, Recipe, ServerProcess, own_account

FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)
SCREENSHOTS = Path(__file__).with_name("screenshots")
OF_THE_PAGE_ITSELF = "Failed to load resource"
"""Chromium says so of every document with an error's status; what a page loads is watched by `_Watched`."""


class Chromium:
    """The process, from its start to `close`."""

    def __init__(self, home: Home, program: Path) -> None:
        account = own_account()
        folder = home.folder("chromium", account)
        self._told = folder / "profile" / "DevToolsActivePort"
        self._process = ServerProcess(
            Recipe(
                name="chromium",
                command=(
                    program,
                    *FLAGS,
                    *(["--no-sandbox"] if os.geteuid() == 0 else []),
                    f"--user-data-dir={self._told.parent}",
                    "about:blank",
                ),
                account=account,
                home=folder,
                log=home.path / f"{folder.name}.log",
                is_ready=lambda: self._told.exists() and self._told.read_text().count("\n") == 1,
                stop=signal.SIGTERM,
                orphaned=signal.SIGTERM,
            )
        )
        self._process.start()

    @property
    def address(self) -> str:
        """Where its protocol is spoken."""
        port, path = self._told.read_text().split()
        return f"ws://127.0.0.1:{port}{path}"

    def close(self) -> None:
        """End it."""
        self._process.kill()


class Watched:
    """Opens pages, and remembers what was wrong on them: `complaints` is empty after a good visit."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def page(self, **options: Any) -> Page:
        """A page in a profile of its own; the options are those of Playwright's `new_context`."""
        context = await self._browser.new_context(**({"locale": "en-GB"} | options))
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        context.on("response", self._loaded)
        return await context.new_page()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(OF_THE_PAGE_ITSELF):
            self.complaints.append(f"{message.type}: {message.text}")

    def _loaded(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{response.status}: {response.url}")

    async def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            await context.close()


@asynccontextmanager
async def watched(address: str) -> AsyncIterator[Watched]:
    """The browser at this address, for as long as the block lasts."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        opened = Watched(browser)
        yield opened
        await opened.close()
        await browser.close()


async def keep_screenshot(page: Page, name: str) -> None:
    """A picture of the whole page, in `screenshots/` beside this module, to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
