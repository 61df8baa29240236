"""What sign-ins gave to clients: token families."""

from typing import Any

import click

from identity_service.cli.listing import limit_option, listed
from identity_service.cli.one_client import find as find_client
from identity_service.cli.one_user import find as find_user
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option, print_json, print_members, print_rows
from identity_service.cli.terminal import agreed
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("id", "username", "client_name", "scope", "created_at", "last_used_at", "expires_at", "alive")
EXAMPLE = "01997d5e-9d44-7b0a-8c36-5f1e2d3c4b5a"

user_option = click.option("--user", metavar="USER", help="Only those of this person: an id or a username.")
client_option = click.option("--client", metavar="CLIENT_ID", help="Only those of the client with this id.")
session_option = click.option("--session", metavar="ID", help="Only those of the session with this id.")


@click.group("family", epilog="Example:  identity-service family list --user alice")
def command() -> None:
    """List and end token families: what sign-ins gave to clients.

    A family is all refresh and access tokens that go back to one sign-in at a client.
    """


@command.command("list", epilog="Example:  identity-service family list --user alice --alive --json")
@user_option
@client_option
@session_option
@click.option("--alive/--ended", default=None, help="Only those.  [default: both]")
@limit_option
@json_option
@in_house
async def list_(
    house: Any,
    /,
    user: str | None,
    client: str | None,
    session: str | None,
    alive: bool | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List families, the newest first."""
    from identity_service.application.use_cases.families.list_families import FamilyListing

    order = FamilyListing(**await _whose(house, user, client, session), alive=alive)
    found = await listed(house.services().families.list_families, order, limit)
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no such families.")


@command.command("show", epilog=f"Example:  identity-service family show {EXAMPLE}")
@click.argument("family", metavar="ID")
@json_option
@in_house
async def show(house: Any, /, family: str, as_json: bool) -> None:
    """Show one family, and why it ended."""
    try:
        members = (await house.services().families.get_family(family)).model_dump(mode="json")
    except NotFound:
        raise _missing(family) from None
    if as_json:
        print_json(members)
    else:
        print_members(members)


@command.command("end", epilog="Example:  identity-service family end --user alice --client CLIENT_ID --yes")
@click.argument("family", metavar="[ID]", required=False)
@user_option
@client_option
@session_option
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal.")
@json_option
def end(
    family: str | None, user: str | None, client: str | None, session: str | None, yes: bool, as_json: bool
) -> None:
    """End one family, or all of a person, a client, a session; with several options, those of all of them.

    Sessions go on, and may give new ones: `session revoke-all` signs a person out everywhere.
    """
    filtered = any((user, client, session))
    if (family is not None) is filtered:
        raise click.UsageError("Name one family, or at least one of '--user', '--client' and '--session'.")
    if family is not None:
        _end_one(family, as_json)
    else:
        _end_all(user, client, session, yes, as_json)


@in_house
async def _end_one(house: Any, /, family: str, as_json: bool) -> None:
    from identity_service.application.use_cases.families.end_families import FamilyEnding

    try:
        await house.services().families.end_family(FamilyEnding(by=OPERATOR, family_id=family))
    except NotFound:
        raise _missing(family, " that is alive") from None
    if as_json:
        print_json({"id": family, "ended": True})
    else:
        click.echo(f"Family {family} has ended, with every token of it.")


@in_house
async def _end_all(
    house: Any, /, user: str | None, client: str | None, session: str | None, yes: bool, as_json: bool
) -> None:
    from identity_service.application.use_cases.families.end_families import FamiliesEnding

    order = FamiliesEnding(by=OPERATOR, **await _whose(house, user, client, session))
    agreed(yes, "End all of these families?")
    try:
        ended = await house.services().families.end_families(order)
    except NotFound:
        raise click.ClickException(f"there is no session {session!r}") from None
    if as_json:
        print_json({"ended": ended})
    else:
        click.echo(f"{ended} ended, with every token of them.")


async def _whose(house: Any, user: str | None, client: str | None, session: str | None) -> dict[str, Any]:
    """The filters, once it is clear that there is such a person and such a client."""
    person = None if user is None else await find_user(house, user)
    program = None if client is None else await find_client(house, client)
    return {
        "user_id": person and person.id,
        "client_id": program and program.client_id,
        "session_id": session,
    }


def _missing(family: str, which: str = "") -> click.ClickException:
    return click.ClickException(
        f"there is no family {family!r}{which}: `identity-service family list` shows which there are"
    )
