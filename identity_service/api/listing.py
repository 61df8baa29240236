"""How a page of a listing is asked for and answered."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import unquote_to_bytes, urlencode

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.account_errors import fault
from identity_service.api.answers import NO_STORE, json_answer
from identity_service.api.errors import not_acceptable
from identity_service.application.cursors import MOST_PER_PAGE, Page
from identity_service.http.site import site

View = TypeVar("View", bound=BaseModel)


class Listing(BaseModel, Generic[View]):
    """A page of a listing. `next_cursor`, also in the Link header, opens the page behind it."""

    items: list[View]
    next_cursor: str | None = Field(examples=["kq0f2u7oXv1mD9R3…"])


class ListingQuery(BaseModel):
    """The query of a listing: parameters that are not named are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MOST_PER_PAGE, description="Most items of one page.")
    cursor: str | None = Field(
        None,
        max_length=2048,
        description="`next_cursor` of the page before, with the same order and filters.",
    )
    active: bool | None = Field(None, description="Only active, or only deactivated ones.")


def each_once(request: Request) -> None:
    """Two values for one parameter would be read differently by two parsers. Raises Problem (422)."""
    names = [name for name, _ in request.query_params.multi_items()]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(names) < 20 else ["…"]
    if repeated:
        errors = [fault(name[:64], "must not be repeated", place="query") for name in repeated]
        raise not_acceptable(errors)


def in_utf8(request: Request) -> None:
    """What is no percent-encoded UTF-8 would be read as something else (RFC 3986 §2.5). Raises Problem (422)."""
    parts = [part.partition(b"=")[::2] for part in request.scope["query_string"].split(b"&")]
    broken = sorted({name.decode("ascii", "replace") for name, value in parts if not _is_utf8(name, value)})
    if broken:
        errors = [fault(name[:64], "must be percent-encoded UTF-8", place="query") for name in broken[:20]]
        raise not_acceptable(errors)


def _is_utf8(*parts: bytes) -> bool:
    try:
        for part in parts:
            unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        return False
    return all(part.isascii() for part in parts)


WellFormed: Sequence[Any] = (Depends(in_utf8), Depends(each_once))
"""What the query of every listing has to be."""


def page_answer(request: Request, page: Page[View]) -> Response:
    """The page, and a link to the next one that keeps everything that was asked for."""
    headers = dict(NO_STORE)
    if page.next_cursor is not None:
        asked = dict(request.query_params) | {"cursor": page.next_cursor}
        url = f"{site(request).issuer}{request.scope['path']}?{urlencode(asked)}"
        headers["Link"] = f'<{url}>; rel="next"'
    items = [view.model_dump(mode="json") for view in page.items]
    return json_answer({"items": items, "next_cursor": page.next_cursor}, headers=headers)
