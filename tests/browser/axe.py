"""What axe-core finds wrong with a page for people who do not see it, or do not see it well."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


async def barriers(page: Page) -> list[str]:
    """One line for each, whatever its weight. The page has to run scripts: it would never answer otherwise."""
    await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(_RUN)
    return [f"{each['impact']}: {each['id']}: {node['html']}" for each in found for node in each["nodes"]]
