"""What lets programs register themselves as clients."""

from typing import Any

import click

from identity_service.cli.listing import limit_option, listed
from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option, print_done, print_json, print_members, print_rows
from identity_service.domain.refusals import NotFound
from identity_service.domain.services.access_policy import OPERATOR

COLUMNS = ("id", "note", "uses", "uses_left", "created_at", "expires_at", "revoked_at")
EXAMPLE = "01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c77"


@click.group(
    "initial-access-token",
    epilog="Example:  identity-service client initial-access-token create --uses 5 --note 'the shop team'",
)
def command() -> None:
    """Hand out what lets programs register themselves, and take it back."""


@command.command(
    "create", epilog="Example:  identity-service client initial-access-token create --uses 5 --ttl 604800"
)
@click.option("--uses", type=int, default=1, show_default=True, help="How many clients may register by it.")
@click.option(
    "--ttl",
    "life_seconds",
    type=int,
    default=86_400,
    show_default=True,
    metavar="SECONDS",
    help="How long it is good.",
)
@click.option("--note", help="What you want to remember about it.")
@json_option
@in_house
async def create(house: Any, /, uses: int, life_seconds: int, note: str | None, as_json: bool) -> None:
    """Make an initial access token, printed once: only a digest of it is kept."""
    from identity_service.application.use_cases.registration.initial_access_tokens import (
        InitialAccessTokenOrder,
    )

    order = InitialAccessTokenOrder(by=OPERATOR.id, uses=uses, life_seconds=life_seconds, note=note)
    made = await house.services().registration.create_initial_access_token(order)
    members = made.view.model_dump(mode="json")
    shown = {"id": members["id"], "initial_access_token": made.token.reveal()} | members
    if as_json:
        print_json(shown)
    else:
        print_members(shown)
    click.echo("This is the only time that the token is shown: keep it now.", err=True)
    if house.settings().client_registration == "off":
        click.echo("CLIENT_REGISTRATION is off: nobody can register by it until that is `token`.", err=True)


@command.command("list", epilog="Example:  identity-service client initial-access-token list --json")
@limit_option
@json_option
@in_house
async def list_(house: Any, /, limit: int | None, as_json: bool) -> None:
    """List initial access tokens, the newest first."""
    from identity_service.application.use_cases.registration.initial_access_tokens import (
        InitialAccessTokenListing,
    )

    service = house.services().registration
    found = await listed(service.list_initial_access_tokens, InitialAccessTokenListing(), limit)
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no initial access tokens.")


@command.command("revoke", epilog=f"Example:  identity-service client initial-access-token revoke {EXAMPLE}")
@click.argument("token", metavar="ID")
@json_option
@in_house
async def revoke(house: Any, /, token: str, as_json: bool) -> None:
    """Take an initial access token back. Clients that registered by it stay."""
    try:
        view = await house.services().registration.revoke_initial_access_token(token, by=OPERATOR.id)
    except NotFound:
        raise click.ClickException(
            f"there is no initial access token {token!r}: "
            "`identity-service client initial-access-token list` shows which there are"
        ) from None
    print_done(view, as_json, f"Initial access token {view.id} is revoked.")
