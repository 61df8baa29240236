"""What tests of the account home do with its pages."""

from tests.html import elements, parsed
from tests.visitor import Page, Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def signed_in(visitor: Visitor, path: str = "/account", username: str = "alice") -> Page:
    """The page at this path, after a sign-in if one is asked for."""
    page = await visitor.to_page(await visitor.get(path))
    if page.path.startswith("/login/"):
        page = await visitor.to_page(await page.filled(username))
    return page


def texts(page: Page, tag: str) -> list[str]:
    """What stands in each of these elements."""
    found = parsed(page.answer.text).iter(f"{{http://www.w3.org/1999/xhtml}}{tag}")
    return [" ".join("".join(each.itertext()).split()) for each in found]


def events(page: Page) -> list[str]:
    """What happened, in the order of the page."""
    found = parsed(page.answer.text).iter("{http://www.w3.org/1999/xhtml}p")
    return [each.text for each in found if each.attrib.get("class") == "event"]


def fields(page: Page) -> dict[str, str]:
    """The form as a browser would send it untouched."""
    inputs = {each["name"]: each.get("value", "") for each in elements(page.answer.text, "input")}
    return inputs | {each["name"]: "" for each in elements(page.answer.text, "textarea")}
