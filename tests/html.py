"""Reads pages as a browser does, except that it mends nothing."""

from functools import lru_cache
from typing import Any

from tinyhtml5.parser import HTMLParser

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


@lru_cache(maxsize=4)
def parsed(html: str) -> Any:
    """The tree of a page, to be read. Fails where a browser would have to guess what is meant."""
    parser = HTMLParser()
    tree = parser.parse(html)
    assert parser.errors == []
    return tree


def elements(html: str, tag: str) -> list[dict[str, str]]:
    """The attributes of each element of that name."""
    return [dict(each.attrib) for each in parsed(html).iter(f"{NAMESPACE}{tag}")]


def ids(html: str) -> list[str]:
    """Every id, in order."""
    return [each.attrib["id"] for each in parsed(html).iter() if "id" in each.attrib]


def text_of(html: str, id_: str) -> str:
    """What stands in the element with this id."""
    [found] = [each for each in parsed(html).iter() if each.attrib.get("id") == id_]
    return " ".join("".join(found.itertext()).split())


def skeleton(html: str) -> list[tuple[str, list[str]]]:
    """The elements in their order, with the names of their attributes."""
    return [(str(each.tag), sorted(each.attrib)) for each in parsed(html).iter()]
