"""One user of a command: who it is, and how they are shown."""

from typing import Any

import click

from identity_service.cli.output import print_json, print_members
from identity_service.cli.user_options import for_people
from identity_service.domain.refusals import NotFound

user_argument = click.argument("user", metavar="USER")


async def find(house: Any, user: str) -> Any:
    """The user with this id, or of this name."""
    get = house.services().users.get_user
    try:
        return await get(user)
    except NotFound:
        pass
    try:
        return await get.named(user)
    except NotFound:
        raise click.ClickException(
            f"there is no user {user!r}: `identity-service user list` shows who is"
        ) from None


def show_user(view: Any, as_json: bool, *, guessing: Any = None) -> None:
    """Every member for a program; for people those that say something. `guessing` is a member where there was any."""
    members = view.model_dump(mode="json")
    if guessing is not None:
        members["guessing"] = guessing.model_dump(mode="json")
    if as_json:
        print_json(members)
    else:
        told = members.pop("guessing", {})
        print_members(for_people(members) | {f"guessing.{name}": value for name, value in told.items()})
