"""What of a client's registration can be changed here; PATCH /clients/{client_id} changes the rest too."""

from typing import Any

import click

from identity_service.cli.client_options import meant, member_options
from identity_service.cli.one_client import (
    client_argument,
    find,
    naming_items,
    show_members,
    show_with_secret,
)
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option
from identity_service.domain.services.access_policy import OPERATOR


@click.command(
    "update",
    epilog="Example:  identity-service client update 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66 --access-token-alg ES256",
)
@client_argument
@click.option("--name", "client_name", help="What people know it as.")
@click.option("--scope", help="What it may be granted, separated by spaces, in place of what it has.")
@member_options
@json_option
@in_house
async def update(house: Any, /, client_id: str, as_json: bool, **options: Any) -> None:
    """Change a client; what is not named stays as it is.

    What may be repeated replaces all that there was; an empty text leaves none.
    """
    from identity_service.application.use_cases.clients.update_client import ClientUpdate

    members = meant(options)
    if not members:
        raise click.UsageError("Name what is to be changed: see --help.")
    found = await find(house, client_id)
    order = ClientUpdate(by=OPERATOR, client_id=found.client_id, members=members)
    with naming_items(members):
        changed = await house.services().clients.update_client(order)
    if changed.secret is not None:
        show_with_secret(changed, as_json)
    else:
        show_members(changed.client.model_dump(mode="json"), as_json)
