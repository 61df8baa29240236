"""Fetches a listing page by page, up to as many as somebody wants to see."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

Order = TypeVar("Order")
PAGE = 200

limit_option = click.option(
    "--limit", type=click.IntRange(min=1), help="Show at most so many.  [default: all]", metavar="N"
)
active_option = click.option("--active/--inactive", default=None, help="Only those.  [default: both]")


async def listed(
    list_: Callable[[Any], Awaitable[Any]], order: Any, limit: int | None
) -> list[dict[str, Any]]:
    """Every view that the order asks for, page after page, at most `limit`, as JSON members."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while limit is None or len(found) < limit:
        size = PAGE if limit is None else min(PAGE, limit - len(found))
        page = await list_(replace(order, limit=size, cursor=cursor))
        found += [view.model_dump(mode="json") for view in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found
