"""Which version of a thing a caller has seen (RFC 9110 §8.8.3, §13.1.1)."""

import re

from starlette.requests import Request

from identity_service.api.errors import Problem

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
_OURS = re.compile(r'(?<!W/)"([1-9][0-9]{0,9})"')


def etag(version: int) -> str:
    """The strong tag of a version."""
    return f'"{version}"'


def seen_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names; None where there is no such header, or `*`: any version will do.

    Comparison is strong, so weak tags match nothing, and neither do tags of somebody else's making.
    Raises Problem (400) for what is no list of tags.
    """
    headers = request.headers.getlist("if-match")
    given = ", ".join(headers).strip()
    if not headers or given == "*":
        return None
    if _LIST.fullmatch(given) is None:
        raise Problem(400, "precondition", "If-Match must be * or a list of entity tags")
    return frozenset(int(version) for version in _OURS.findall(given))
