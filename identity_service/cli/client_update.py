"""What of a client's registration can be changed here; PATCH /clients/{client_id} changes the rest too."""

from typing import Any

import click

from identity_service.cli.one_client import client_argument, find, show_members
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option
from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.oauth.client_metadata import CAN_BE_UNSET
from identity_service.domain.services.access_policy import OPERATOR

DEFAULT = "default"
"""Takes the client's own value away: the server's setting counts again."""


class Seconds(click.ParamType[int | str]):
    """A whole number, or `default`."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | str:
        """Raises BadParameter."""
        return DEFAULT if value == DEFAULT else int(click.INT.convert(value, param, context))


@click.command(
    "update",
    epilog="Example:  identity-service client update 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66 --access-token-alg ES256",
)
@client_argument
@click.option("--name", "client_name", help="What people know it as.")
@click.option("--scope", help="What it may be granted, separated by spaces, in place of what it has.")
@click.option(
    "--access-token-ttl",
    type=Seconds(),
    metavar="SECONDS|default",
    help="Life of its access tokens from now on.",
)
@click.option(
    "--access-token-alg",
    "access_token_signed_response_alg",
    type=click.Choice((*SIGNING_ALGORITHMS, DEFAULT)),
    help="What its access tokens are signed with from now on.",
)
@json_option
@in_house
async def update(house: Any, /, client_id: str, as_json: bool, **options: Any) -> None:
    """Change a client; what is not named stays as it is."""
    from identity_service.application.use_cases.clients.update_client import ClientUpdate

    given = {member: value for member, value in options.items() if value is not None}
    if not given:
        raise click.UsageError("Name what is to be changed: see --help.")
    members = {
        member: None if value == DEFAULT and member in CAN_BE_UNSET else value
        for member, value in given.items()
    }
    found = await find(house, client_id)
    order = ClientUpdate(by=OPERATOR, client_id=found.client_id, members=members)
    changed = await house.services().clients.update_client(order)
    show_members(changed.client.model_dump(mode="json"), as_json)
