"""Reading the log of events: search, export, and follow."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from identity_service.cli.event_formats import FORMATS, as_jsonl
from identity_service.cli.opened import in_house
from identity_service.cli.output import cell, json_option, print_json, print_rows

COLUMNS = ("position", "at", "name", "actor", "subject", "client_id", "address", "request_id")
PAGE: Final = 500
FOLLOW_SECONDS: Final = 0.5
AGO: Final = re.compile(r"(\d{1,5})([smhd])")
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType[datetime]):
    """A time of ISO 8601, or how long ago it was."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        """Times without a zone are UTC."""
        if isinstance(value, datetime):
            return value
        if ago := AGO.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-11-28T05:00Z or 90m, 2h, 7d", param, context)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


FILTERS = (
    click.option("--name", "names", multiple=True, help="Only such, as family.ended; may be repeated."),
    click.option("--actor", help="Only what this client or user did; also `cli` and `system`."),
    click.option("--subject", help="Only what is about this user."),
    click.option("--client", help="Only what this client had a part in."),
    click.option(
        "--address", help="Only what came from there. It is sealed, so everything is looked through."
    ),
    click.option("--request-id", help="Only what this request did."),
    click.option("--since", type=Moment(), help="Not before: a time, or 90m, 2h, 7d ago."),
    click.option("--until", type=Moment(), help="Only before."),
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="A line each: JSON, Elastic Common Schema, or CEF.",
)

lines_option = click.option("--json", "as_json", is_flag=True, help="The same as --format jsonl.")


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose events."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


@click.command("search", epilog="Example:  identity-service audit search --name family.ended --since 2h")
@filters
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Show at most so many.",
)
@json_option
@in_house
async def search(house: Any, /, limit: int, as_json: bool, **chosen: Any) -> None:
    """Find events, the newest first."""
    found: list[dict[str, Any]] = []
    async for event in _events(house, newest_first=True, **chosen):
        found.append(event)
        if len(found) == limit:
            break
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no such events.")


@click.command(
    "export", epilog="Example:  identity-service audit export --format ecs --since 24h > events.ndjson"
)
@filters
@format_option
@lines_option
@in_house
async def export(house: Any, /, form: str, as_json: bool, **chosen: Any) -> None:
    """Write events, a line each, in the order of the chain.

    What is not chained yet is left out: it is a second old at most.
    """
    write = as_jsonl if as_json else FORMATS[form]
    async for event in _events(house, newest_first=False, **chosen):
        click.echo(write(event))


@click.command("tail", epilog="Example:  identity-service audit tail -f --name user.sign_in_failed")
@filters
@click.option("-n", "--lines", type=click.IntRange(min=0), default=10, show_default=True, help="So many.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="As people read it, or as `audit export` writes it.",
)
@lines_option
@in_house
async def tail(house: Any, /, lines: int, follow: bool, form: str, as_json: bool, **chosen: Any) -> None:
    """Show the newest events, in the order of the chain; with -f, go on until Ctrl+C."""
    write = as_jsonl if as_json else FORMATS.get(form, _text)
    newest = await _newest(house)
    found: list[dict[str, Any]] = []
    async for event in _events(house, newest_first=True, cursor=str(newest + 1), **chosen):
        if len(found) == lines:
            break
        found.append(event)
    for event in reversed(found):
        click.echo(write(event))
    if follow:
        async for event in following(house, newest, **chosen):
            click.echo(write(event))


async def following(house: Any, newest: int, **chosen: Any) -> AsyncIterator[dict[str, Any]]:
    """What is chained behind this position, as it comes; without end."""
    while True:
        until = await _newest(house)
        async for event in _events(house, newest_first=False, cursor=str(newest), **chosen):
            if event["position"] > until:
                break
            yield event
        newest = until
        await asyncio.sleep(FOLLOW_SECONDS)


async def _newest(house: Any) -> int:
    async with house.read() as uow:
        size: int = (await uow.audit_log.head()).size
    return size


async def _events(house: Any, **chosen: Any) -> AsyncIterator[dict[str, Any]]:
    """Page after page."""
    from identity_service.application.use_cases.audit.search_events import EventListing

    await house.signing_keys.load_data_keys()()
    order = EventListing(limit=PAGE, **chosen)
    more = True
    while more:
        page = await house.services().audit.search_events(order)
        for view in page.items:
            yield view.model_dump(mode="json")
        order, more = replace(order, cursor=page.next_cursor), page.next_cursor is not None


def _text(event: dict[str, Any]) -> str:
    members = " ".join(f"{name}={cell(value)}" for name, value in event["members"].items())
    parties = " ".join(
        f"{name}={cell(event[name])}"
        for name in ("subject", "client_id", "address", "request_id")
        if event[name]
    )
    return (
        f"{cell(event['at'])}  {event['name']:<28} by {cell(event['actor'])}  {parties}  {members}".rstrip()
    )
