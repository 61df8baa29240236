"""What of an account is changed by a command of its own members."""

from typing import Any

import click

from identity_service.cli.one_user import find, show_user, user_argument
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option
from identity_service.cli.user_options import profile_of, profile_options
from identity_service.domain.services.access_policy import OPERATOR


@click.command(
    "update",
    epilog="Example:  identity-service user update alice --given-name Alice --locale en-GB --nickname ''",
)
@user_argument
@click.option("--username", help="Unique, compared without regard to case.")
@click.option("--email", help="Where mail goes; another one is unverified, unless said otherwise.")
@click.option("--name", help="What the person is called.")
@click.option(
    "--email-verified/--no-email-verified",
    default=None,
    help="Whether the address is known to be theirs.",
)
@click.option(
    "--admin/--no-admin",
    default=None,
    help="Whether they may be given the reserved scopes; a change ends every token of theirs.",
)
@profile_options
@json_option
@in_house
async def update(house: Any, /, user: str, as_json: bool, **options: Any) -> None:
    """Change a user; what is not named stays as it is, and an empty text takes away what need not be there."""
    from identity_service.application.use_cases.users.update_user import UserUpdate

    said = profile_of(options)
    members = {member: _value(member, given) for member, given in options.items() if given is not None} | said
    if not members:
        raise click.UsageError("Name what is to be changed: see --help.")
    found = await find(house, user)
    order = UserUpdate(by=OPERATOR, user_id=found.id, members=members)
    show_user(await house.services().users.update_user(order), as_json)


def _value(member: str, given: Any) -> Any:
    return None if given == "" and member in ("email", "name") else given
