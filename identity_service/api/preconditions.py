"""Which version of a user or client a caller has seen, and which one an answer shows (RFC 9110 §8.8.3, §13.1)."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import NO_STORE, is_known, json_answer
from identity_service.api.errors import Problem
from identity_service.application.dto.client_view import ClientView
from identity_service.application.dto.user_view import UserView

View = UserView | ClientView

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"{_TAG}(?:[ \t]*,[ \t]*{_TAG})*")
_OURS = re.compile(r'(?<!W/)"([1-9][0-9]{0,9})"')


def versioned(
    view: View, *, more: Mapping[str, Any] | None = None, status: int = 200, location: str | None = None
) -> Response:
    """The view, with `more` members, under the strong tag of its version."""
    headers = _tagged(view) | ({} if location is None else {"Location": location})
    return json_answer(view.model_dump(mode="json") | dict(more or {}), status=status, headers=headers)


def versioned_unless_known(request: Request, view: View) -> Response:
    """The answer of a GET: the view, or 304 where the caller has this version already."""
    headers = _tagged(view)
    return (
        Response(status_code=304, headers=headers) if is_known(request, headers["ETag"]) else versioned(view)
    )


def _tagged(view: View) -> dict[str, str]:
    return NO_STORE | {"ETag": f'"{view.version}"'}


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
