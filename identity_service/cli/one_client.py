"""One client of a command: which it is, and how it is shown."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from identity_service.cli.output import print_json, print_members
from identity_service.domain.refusals import Fault, NotFound, Unacceptable

client_argument = click.argument("client_id", metavar="CLIENT_ID")


async def find(house: Any, client_id: str) -> Any:
    """The client with this id."""
    try:
        return await house.services().clients.get_client(client_id)
    except NotFound:
        line = f"there is no client {client_id!r}: `identity-service client list` shows which there are"
        raise click.ClickException(line) from None


@contextmanager
def naming_items(members: Mapping[str, Any]) -> Iterator[None]:
    """Whoever typed a list is told which of its items is wrong, and not its number. Raises Unacceptable."""
    try:
        yield
    except Unacceptable as refused:
        faults = [Fault(_named(fault.member, members), fault.description) for fault in refused.faults]
        raise Unacceptable(faults) from None


def _named(place: str, members: Mapping[str, Any]) -> str:
    member, _, at = place.partition("/")
    items = members.get(member)
    if isinstance(items, list | tuple) and at.isdecimal() and int(at) < len(items):
        return f"{member} {items[int(at)]!r}"
    return place


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
