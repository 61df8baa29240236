"""Chromium for tests, wherever they are. Their modules are marked `system`: `scripts/ci-packages` installs it.

What imports Playwright is imported where it is used: it takes half a second, which runs without a browser save.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.process import Home

if TYPE_CHECKING:
    from tests.browser.chromium import Chromium, Watched


@pytest.fixture(scope="session")
def chromium(servers_home: Home, tool: Callable[[str], Path]) -> "Iterator[Chromium]":
    """The Chromium of this process of the run."""
    from tests.browser.chromium import Chromium

    running = Chromium(servers_home, tool("chromium"))
    yield running
    running.close()


@pytest.fixture
async def unjudged_browser(chromium: "Chromium") -> "AsyncIterator[Watched]":
    """`await unjudged_browser.page()` is a new page; the test itself looks at the complaints."""
    from tests.browser.chromium import watched

    async with watched(chromium.address) as opened:
        yield opened


@pytest.fixture
async def browser(unjudged_browser: "Watched") -> "AsyncIterator[Watched]":
    """`await browser.page()` is a new page. What goes against a policy, or is said on the console, fails the test."""
    yield unjudged_browser
    assert unjudged_browser.complaints == []
