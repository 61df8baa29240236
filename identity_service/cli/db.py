"""Moves the schema of the database, and empties it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from identity_service.cli.opened import in_database, in_house
from identity_service.cli.output import (
    json_option,
    print_json,
    print_members,
    print_rows,
    progress,
    shown_url,
)
from identity_service.cli.terminal import confirmed


@click.group("db", epilog="Example:  identity-service db upgrade")
def command() -> None:
    """Create, upgrade, downgrade, purge or drop the database that DATABASE_URL names."""


@command.command("create", epilog="Example:  DATABASE_URL=postgresql://... identity-service db create")
@json_option
@in_database
async def create(house: Any, /, as_json: bool) -> None:
    """Make every table in an empty database.

    Does nothing to a database that is at the newest revision already.
    """
    before = await _current(house)
    if before not in (None, house.migrations().head()):
        raise click.ClickException(
            f"the database is there, at revision {before}: run `identity-service db upgrade`"
        )
    await _upgrade(house, "head", before, as_json)


@command.command("upgrade", epilog="Example:  identity-service db upgrade")
@click.argument("revision", default="head")
@json_option
@in_database
async def upgrade(house: Any, /, revision: str, as_json: bool) -> None:
    """Apply the migrations that are missing, up to REVISION (default: all of them)."""
    await _upgrade(house, revision, await _current(house), as_json)


@command.command(
    "downgrade",
    epilog="Example:  identity-service db downgrade -1 --yes",
    context_settings={"ignore_unknown_options": True},  # "-1" is no option
)
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@in_database
async def downgrade(house: Any, /, revision: str, yes: bool, as_json: bool) -> None:
    """Take migrations back, down to REVISION: an identifier, `-1` for the newest one, `base` for all.

    What those migrations made is deleted with all that is in it.
    """
    confirmed(yes, f"Delete what was made after {revision} in {shown_url(house.database())}?")
    before = await _current(house)
    await house.migrations().downgrade(revision)
    _moved(before, await house.migrations().current(), as_json)


@command.command("current", epilog="Example:  identity-service db current")
@json_option
@in_database
async def current(house: Any, /, as_json: bool) -> None:
    """Show the revision of the database, and the one this program wants."""
    members = {"current": await house.migrations().current(), "head": house.migrations().head()}
    if as_json:
        print_json(members)
    else:
        print_members(members)


@command.command("drop", epilog="Example:  identity-service db drop --yes")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@in_database
async def drop(house: Any, /, yes: bool, as_json: bool) -> None:
    """Delete every table with all that is in it: users, clients, keys, everything."""
    confirmed(yes, f"Delete everything in {shown_url(house.database())}?")
    before = await house.migrations().current()
    await house.migrations().downgrade("base")
    _moved(before, None, as_json)


@command.command("purge", epilog="Example:  identity-service db purge")
@json_option
@in_house
async def purge(house: Any, /, as_json: bool) -> None:
    """Delete what has outlived its use: expired tokens, old events, users and clients deleted long ago.

    In small transactions, so that a running server hardly notices; it may be stopped at any time.
    """
    deleted: Counter[Any] = Counter()
    with progress("Purging") as tell:
        async for batch in house.services().system.purge():
            deleted[batch.kind] += batch.rows
            tell(f"Purging {batch.kind.value}: {deleted[batch.kind]}")
    if as_json:
        print_json({kind.name.lower(): rows for kind, rows in deleted.items()})
    else:
        _purged({kind.value: rows for kind, rows in deleted.items() if rows})


def _purged(deleted: Mapping[str, int]) -> None:
    """This is no list, which programs would want empty."""
    if not deleted:
        click.echo("Nothing to delete.")
        return
    rows = [{"what": kind, "deleted": rows} for kind, rows in deleted.items()]
    print_rows(("what", "deleted"), rows, nothing="")


async def _current(house: Any) -> str | None:
    if house.settings().embedded:
        house.settings().data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    revision: str | None = await house.migrations().current()
    return revision


async def _upgrade(house: Any, revision: str, before: str | None, as_json: bool) -> None:
    await house.migrations().upgrade(revision)
    _moved(before, await house.migrations().current(), as_json)


def _moved(before: str | None, after: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"from": before, "to": after})
    elif before == after:
        click.echo(f"The database is at {_named(after)} already.")
    else:
        click.echo(f"The database went from {_named(before)} to {_named(after)}.")


def _named(revision: str | None) -> str:
    return "empty" if revision is None else f"revision {revision}"
