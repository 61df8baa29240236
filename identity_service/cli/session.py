"""Where people are signed in."""

from typing import Any

import click

from identity_service.cli.one_user import find
from identity_service.cli.opened import in_house
from identity_service.cli.output import cell, json_option, print_json, print_rows
from identity_service.cli.terminal import agreed
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("id", "user_agent", "address", "auth_time", "last_seen_at", "expires_at")


@click.group("session", epilog="Example:  identity-service session list --user alice")
def command() -> None:
    """List and end the sessions of browsers."""


@command.command("list", epilog="Example:  identity-service session list --user alice --json")
@click.option("--user", required=True, metavar="USER", help="Whose: an id or a username.")
@json_option
def list_(user: str, as_json: bool) -> None:
    """Show in which browsers a person is signed in, the newest first."""
    _list(user, as_json)


@in_house
async def _list(house: Any, /, user: str, as_json: bool) -> None:
    person = await find(house, user)
    views = await house.services().sessions.list_sessions(person.id)
    found = [view.model_dump(mode="json", exclude={"current"}) for view in views]
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="That person is signed in nowhere.")


@command.command(
    "revoke", epilog="Example:  identity-service session revoke 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"
)
@click.argument("session", metavar="ID")
@json_option
def revoke(session: str, as_json: bool) -> None:
    """Sign a person out in a browser, and end the tokens that the session gave, but for those with `offline_access`."""
    _revoke(session, as_json)


@in_house
async def _revoke(house: Any, /, session: str, as_json: bool) -> None:
    from identity_service.application.use_cases.sessions.revoke_session import SessionRevocation

    order = SessionRevocation(by=OPERATOR, session_id=session)
    try:
        await house.services().sessions.revoke_session(order)
    except NotFound:
        raise click.ClickException(
            f"there is no session {session!r} that still signs in: "
            "`identity-service session list --user USER` shows which do"
        ) from None
    if as_json:
        print_json({"id": session, "revoked": True})
    else:
        click.echo(f"Session {session} has ended.")


@command.command("revoke-all", epilog="Example:  identity-service session revoke-all --user alice --yes")
@click.option("--user", required=True, metavar="USER", help="Whose: an id or a username.")
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal.")
@json_option
def revoke_all(user: str, yes: bool, as_json: bool) -> None:
    """Sign a person out everywhere, and end all that the account gave out, those with `offline_access` included."""
    _revoke_all(user, yes, as_json)


@in_house
async def _revoke_all(house: Any, /, user: str, yes: bool, as_json: bool) -> None:
    person = await find(house, user)
    agreed(yes, f"Sign {cell(person.username)} ({person.id}) out everywhere?")
    await house.services().sessions.sign_out_everywhere(person.id, by=OPERATOR)
    if as_json:
        print_json({"id": person.id, "signed_out_everywhere": True})
    else:
        click.echo(
            f"{cell(person.username)} is signed out everywhere; every token given out before has ended."
        )
