"""How answers look: a table for people, tab-separated lines for pipes, one JSON document for programs."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z")
"""A time of JSON, to the microsecond; people read seconds."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def print_members(members: Mapping[str, Any]) -> None:
    """One thing, a member on each line; what is longer than the terminal is wide is not cut."""
    width = max(len(name) for name in members)
    for name, value in members.items():
        click.echo(f"{name:<{width}}  {cell(value)}")


def print_done(view: Any, as_json: bool, line: str) -> None:
    """That something was done to a thing: a line for people, the thing as it is now for programs."""
    if as_json:
        print_json(view.model_dump(mode="json"))
    else:
        click.echo(line)


def print_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, nothing: str) -> None:
    """Many things: a table on a terminal, else a line each with tabs between its members, never cut."""
    cells = [[cell(row[column]) for column in columns] for row in rows]
    if not sys.stdout.isatty():
        for line in ([*columns], *cells):
            click.echo("\t".join(line))
        return
    if not cells:
        click.echo(nothing)
        return
    _table(columns, cells)


def _table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)  # an id is copied whole
    for line in cells:
        table.add_row(*(Text(value) for value in line))
    Console().print(table)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Shows how far something is, on a terminal and on standard error; elsewhere nobody looks."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield status.update


def shown_url(database: Any) -> str:
    """The URL of the database as somebody would write it, without its password and without our driver."""
    url = database.engine.url
    shown: str = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return shown


def cell(value: Any) -> str:
    """A value as people read it. Control characters are shown, not obeyed: names come from outside."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            value = json.dumps(value, ensure_ascii=False, default=str)
        case list() | tuple() | set() | frozenset():
            return " ".join(cell(part) for part in value) or "-"
    text = MOMENT.sub(r"\1Z", str(value))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
