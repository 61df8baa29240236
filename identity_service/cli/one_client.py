"""One client of a command: which it is, and how it is shown."""

from typing import Any

import click

from identity_service.cli.output import print_json, print_members
from identity_service.domain.refusals import NotFound

client_argument = click.argument("client_id", metavar="CLIENT_ID")


async def find(house: Any, client_id: str) -> Any:
    """The client with this id."""
    try:
        return await house.services().clients.get_client(client_id)
    except NotFound:
        line = f"there is no client {client_id!r}: `identity-service client list` shows which there are"
        raise click.ClickException(line) from None


def show_with_secret(made: Any, as_json: bool) -> None:
    """The client, and the secret that was made for it: the only time that anybody sees it."""
    secret = None if made.secret is None else made.secret.reveal()
    members = made.client.model_dump(mode="json")
    show_members({"client_id": members["client_id"], "client_secret": secret} | members, as_json)
    if secret:
        click.echo("This is the only time that the secret is shown: keep it now.", err=True)


def show_members(members: dict[str, Any], as_json: bool) -> None:
    """Every member for a program; for people those that say something."""
    if as_json:
        print_json(members)
        return
    described = {name: value for name, value in members.items() if value not in (None, [], "")}
    print_members(described)
