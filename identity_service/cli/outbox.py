"""Messages that are on their way out, such as logout tokens."""

from typing import Any

import click

from identity_service.cli.listing import limit_option, listed
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option, print_done, print_json, print_members, print_rows
from identity_service.domain.entities.message import MessageStatus
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("id", "kind", "recipient", "status", "attempts", "created_at", "due_at", "last_error")
EXAMPLE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"

message_argument = click.argument("message", metavar="ID")


@click.group("outbox", epilog="Example:  identity-service outbox list --status dead")
def command() -> None:
    """Look at messages on their way out; resend or discard them."""


@command.command("list", epilog="Example:  identity-service outbox list --status dead --json")
@click.option("--status", type=click.Choice([each.value for each in MessageStatus]), help="Only those.")
@click.option("--kind", help="Only those of this kind, such as backchannel_logout.")
@click.option("--recipient", metavar="CLIENT_ID", help="Only those for the client with this id.")
@limit_option
@json_option
@in_house
async def list_(house: Any, /, limit: int | None, as_json: bool, **filters: Any) -> None:
    """List messages, the newest first."""
    from identity_service.application.use_cases.outbox.list_messages import MessageListing

    found = await listed(house.services().outbox.list_messages, MessageListing(**filters), limit)
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no such messages.")


@command.command("show", epilog=f"Example:  identity-service outbox show {EXAMPLE}")
@message_argument
@json_option
@in_house
async def show(house: Any, /, message: str, as_json: bool) -> None:
    """Show one message, and why its last attempt failed."""
    try:
        members = (await house.services().outbox.get_message(message)).model_dump(mode="json")
    except NotFound:
        raise _missing(message) from None
    if as_json:
        print_json(members)
    else:
        print_members(members)


@command.command("retry", epilog=f"Example:  identity-service outbox retry {EXAMPLE}")
@message_argument
@json_option
@in_house
async def retry(house: Any, /, message: str, as_json: bool) -> None:
    """Send a message again now, also one that was given up."""
    try:
        view = await house.services().outbox.retry_message(message)
    except NotFound:
        raise _missing(message) from None
    print_done(view, as_json, f"Message {view.id} is due now; a running server sends it within seconds.")


@command.command("discard", epilog=f"Example:  identity-service outbox discard {EXAMPLE}")
@message_argument
@json_option
@in_house
async def discard(house: Any, /, message: str, as_json: bool) -> None:
    """Throw a message away that waits or was given up; whom it was for is told nothing."""
    try:
        view = await house.services().outbox.discard_message(message, by=OPERATOR)
    except NotFound:
        raise _missing(message) from None
    print_done(view, as_json, f"Message {view.id} is gone.")


def _missing(message: str) -> click.ClickException:
    return click.ClickException(
        f"there is no message {message!r}: `identity-service outbox list` shows what there is"
    )
