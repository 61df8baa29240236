"""Which of the languages that there are somebody is answered in."""

import re
from collections.abc import Collection, Iterable, Iterator

_RANGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?")
_MOST = 32
"""So many ranges of a header are looked at."""


def chosen(wanted: Iterable[str], available: Collection[str], *, otherwise: str) -> str:
    """The first of the tags wanted that there is, each shortened from its end until it fits (RFC 4647 §3.4)."""
    known = {tag.lower(): tag for tag in available}
    for tag in wanted:
        for shorter in _shortened(tag.lower()):
            if shorter in known:
                return known[shorter]
    return otherwise


def _shortened(tag: str) -> Iterator[str]:
    """`zh-hant-tw`, `zh-hant`, `zh`; a single letter or digit goes with what stood behind it."""
    parts = tag.split("-")[:8]
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()


def accepted(header: str) -> tuple[str, ...]:
    """The tags of an Accept-Language header (RFC 9110 §12.5.4), the most wanted first.

    `*` asks for nothing in particular, and what is malformed for nothing at all: both are left out, and so is what has
    the quality 0.
    """
    ranges = [_RANGE.fullmatch(part.strip()) for part in header.split(",", _MOST)[:_MOST]]
    weighed = [(float(found[2] or 1), found[1]) for found in ranges if found is not None]
    return tuple(tag for weight, tag in sorted(weighed, key=lambda each: -each[0]) if weight > 0)
