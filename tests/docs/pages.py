"""Reads what the documentation shows and promises: fenced blocks, links, and the names in its text."""

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    sorted(
        path.relative_to(CHECKOUT).as_posix()
        for path in (*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"))
    )
)

_FENCE = re.compile(r"^(?P<indent> {0,3})```(?P<info>[^`]*)$")
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)|\b(?:src|srcset|href)=\"(?P<attribute>[^\"]+)\"")
_CODE_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: ```` ```language key=value word ````; `line` is that of its fence."""

    page: str
    line: int
    language: str
    attributes: dict[str, str]
    text: str

    @property
    def id(self) -> str:
        return f"{self.page}:{self.line}"


def read(page: str) -> str:
    """The text of a page, named relative to the checkout."""
    return (CHECKOUT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of a page in their order; those of these languages, if any are named."""
    found: list[Block] = []
    taken: list[str] = []
    opened: tuple[int, str] | None = None
    for number, line in enumerate(read(page).splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, taken = (number, fence["info"].strip()), []
        elif opened is not None and line.strip() == "```":
            found.append(_block(page, *opened, taken))
            opened = None
        elif opened is not None:
            taken.append(line)
    assert opened is None, f"{page}:{opened} is not closed"
    return [block for block in found if not languages or block.language in languages]


def _block(page: str, line: int, info: str, taken: list[str]) -> Block:
    language, *rest = info.split() or [""]
    attributes = {key: value for key, _, value in (word.partition("=") for word in rest)}
    return Block(page, line, language, attributes, "".join(f"{text}\n" for text in taken))


def prose(page: str) -> str:
    """The page without its fenced blocks."""
    kept, inside = [], False
    for line in read(page).splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(page: str) -> list[str]:
    """Where the page leads to, pictures included."""
    return [found["target"] or found["attribute"] for found in _LINK.finditer(prose(page))]


def code_spans(page: str) -> list[str]:
    """What stands between backticks in the text."""
    return _CODE_SPAN.findall(prose(page))


def anchors(page: str) -> set[str]:
    """The fragments that a browser finds on the rendered page."""
    headings = re.findall(r"^#{1,6}\s+(.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
