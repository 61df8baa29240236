"""What people have agreed to."""

from typing import Any

import click

from identity_service.cli.one_user import find
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option, print_json, print_rows
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("client_id", "client_name", "scope", "claims", "updated_at")

user_option = click.option("--user", required=True, metavar="USER", help="Whose: an id or a username.")


@click.group("consent", epilog="Example:  identity-service consent list --user alice")
def command() -> None:
    """List and take back what people agreed that clients may have."""


@command.command("list", epilog="Example:  identity-service consent list --user alice --json")
@user_option
@json_option
def list_(user: str, as_json: bool) -> None:
    """Show what each client may have of a person, the newest first."""
    _list(user, as_json)


@in_house
async def _list(house: Any, /, user: str, as_json: bool) -> None:
    person = await find(house, user)
    views = await house.services().consents.list_consents(person.id)
    found = [view.model_dump(mode="json") for view in views]
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="That person has agreed to nothing.")


@command.command(
    "revoke",
    epilog="Example:  identity-service consent revoke --user alice --client 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66",
)
@user_option
@click.option("--client", required=True, metavar="ID", help="The client's id.")
@json_option
def revoke(user: str, client: str, as_json: bool) -> None:
    """Take back what a person agreed to, and end everything that the client got from them. It has to ask again."""
    _revoke(user, client, as_json)


@in_house
async def _revoke(house: Any, /, user: str, client: str, as_json: bool) -> None:
    from identity_service.application.use_cases.consents.revoke_consent import ConsentRevocation

    person = await find(house, user)
    order = ConsentRevocation(by=OPERATOR, user_id=person.id, client_id=client)
    try:
        await house.services().consents.revoke_consent(order)
    except NotFound:
        raise click.ClickException(
            f"{person.username} has agreed to nothing for the client {client!r}: "
            f"`identity-service consent list --user {person.username}` shows what"
        ) from None
    if as_json:
        print_json({"user_id": person.id, "client_id": client, "revoked": True})
    else:
        click.echo(f"{person.username} has taken it back: {client} has to ask again.")
