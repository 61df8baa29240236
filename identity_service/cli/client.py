"""The programs that ask for tokens, or check them."""

import re
from typing import Any

import click

from identity_service.cli.client_options import apart, meant, member_options
from identity_service.cli.client_update import update
from identity_service.cli.initial_access_token import command as initial_access_token
from identity_service.cli.listing import active_option, limit_option, listed
from identity_service.cli.one_client import (
    client_argument,
    find,
    naming_items,
    show_members,
    show_with_secret,
)
from identity_service.cli.opened import in_house
from identity_service.cli.output import cell, json_option, print_done, print_json, print_rows
from identity_service.cli.terminal import agreed, asked, asked_for_more, is_terminal, line_of_stdin
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.secret import Secret

COLUMNS = ("client_id", "client_name", "grant_types", "scope", "active", "registered_by")


@click.group(
    "client", epilog="Example:  identity-service client create --name Shop --grant-type client_credentials"
)
def command() -> None:
    """Create, list and change clients."""


@command.command(
    "create",
    epilog="Example:  identity-service client create --name Shop --grant-type client_credentials --scope 'read write'",
)
@click.option("--name", help="What people know it as.")
@click.option("--grant-type", "grant_types", multiple=True, help="A grant it may use; may be repeated.")
@click.option("--scope", "scopes", multiple=True, help="What it may be granted, separated by spaces.")
@click.option("--public", is_flag=True, help="It cannot keep a secret (an app, a page), so it has none.")
@click.option("--resource-server", is_flag=True, help="It may introspect tokens that are meant for it.")
@click.option(
    "--audience",
    "audiences",
    multiple=True,
    help="With --resource-server: as whom it is meant.  [default: this server]",
)
@member_options
@click.option("--client-id", help="Bring an existing id along.")
@click.option("--client-secret-stdin", is_flag=True, help="Bring a secret along, on standard input.")
@json_option
def create(
    name: str | None,
    grant_types: tuple[str, ...],
    scopes: tuple[str, ...],
    public: bool,
    client_secret_stdin: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Create a client; on a terminal, ask for what is missing.

    Its secret is printed once: only a digest of it is kept.
    """
    given: dict[str, Any] = {
        "client_name": asked(name, "--name", "Name"),
        "grant_types": _grant_types(grant_types, optional=options["resource_server"]),
        "scope": _scope(scopes),
    }
    if public:
        options["token_endpoint_auth_method"] = _public(options["token_endpoint_auth_method"])
    if client_secret_stdin:
        given["client_secret"] = Secret(line_of_stdin("--client-secret-stdin"))
    _create(apart(meant(options)) | given, as_json)


def _public(method: str | None) -> str:
    if method not in (None, "none"):
        raise click.UsageError("--public and another --auth-method do not go together.")
    return "none"


def _grant_types(given: tuple[str, ...], *, optional: bool) -> tuple[str, ...]:
    """A client that only introspects needs no grant."""
    if given or (optional and not is_terminal()):
        return _words(given)
    label = "Grant types, separated by spaces (password, refresh_token, client_credentials)"
    default = {"default": "", "show_default": False} if optional else {}
    return _words((asked(None, "--grant-type", label, **default),))


def _scope(given: tuple[str, ...]) -> str:
    return " ".join(given) or asked_for_more("Scope, separated by spaces")


def _words(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for text in given for word in re.split(r"[\s,]+", text) if word)


@in_house
async def _create(house: Any, /, members: dict[str, Any], as_json: bool) -> None:
    from identity_service.application.use_cases.clients.create_client import NewClient

    with naming_items(members):
        made = await house.services().clients.create_client(NewClient(by=OPERATOR, **members))
    show_with_secret(made, as_json)


@command.command("list", epilog="Example:  identity-service client list --active --sort client_name")
@click.option("--name", "client_name", help="Only clients of exactly this name.")
@active_option
@click.option(
    "--self-registered/--not-self-registered",
    default=None,
    help="Only those that registered themselves, or only the others.",
)
@click.option(
    "--sort",
    type=click.Choice(["created_at", "-created_at", "client_name", "-client_name"]),
    default="created_at",
    show_default=True,
    help="In this order; - turns it round.",
)
@limit_option
@json_option
@in_house
async def list_(house: Any, /, limit: int | None, as_json: bool, **filters: Any) -> None:
    """List clients."""
    from identity_service.application.use_cases.clients.list_clients import ClientListing

    found = await listed(house.services().clients.list_clients, ClientListing(**filters), limit)
    if as_json:
        print_json(found)
    else:
        print_rows(COLUMNS, found, nothing="There are no such clients.")


@command.command("show", epilog="Example:  identity-service client show 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66")
@client_argument
@json_option
@in_house
async def show(house: Any, /, client_id: str, as_json: bool) -> None:
    """Show one client, without its secret."""
    show_members((await find(house, client_id)).model_dump(mode="json"), as_json)


@command.command(
    "rotate-secret",
    epilog="Example:  identity-service client rotate-secret 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66 --overlap 3600",
)
@client_argument
@click.option(
    "--overlap",
    "overlap_seconds",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    help="How long the old secret still works; one rotated out earlier keeps its own end. "
    "0: all old ones are lost, and all tokens end.  "
    "[default: CLIENT_SECRET_OVERLAP_SECONDS]",
)
@json_option
@in_house
async def rotate_secret(house: Any, /, client_id: str, overlap_seconds: int | None, as_json: bool) -> None:
    """Give a client a new secret, printed once."""
    from identity_service.application.use_cases.clients.rotate_client_secret import SecretRotation

    found = await find(house, client_id)
    order = SecretRotation(by=OPERATOR, client_id=found.client_id, overlap_seconds=overlap_seconds)
    show_with_secret(await house.services().clients.rotate_client_secret(order), as_json)


@command.command(
    "deactivate", epilog="Example:  identity-service client deactivate 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"
)
@client_argument
@json_option
@in_house
async def deactivate(house: Any, /, client_id: str, as_json: bool) -> None:
    """Switch a client off: no tokens, and every token of it ends."""
    found = await find(house, client_id)
    view = await house.services().clients.deactivate_client(found.client_id, by=OPERATOR)
    print_done(
        view, as_json, f"{cell(view.client_name)} is deactivated; every token given out before has ended."
    )


@command.command(
    "activate", epilog="Example:  identity-service client activate 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66"
)
@client_argument
@json_option
@in_house
async def activate(house: Any, /, client_id: str, as_json: bool) -> None:
    """Switch a client on again. Tokens that had ended stay ended."""
    found = await find(house, client_id)
    view = await house.services().clients.activate_client(found.client_id, by=OPERATOR)
    print_done(view, as_json, f"{cell(view.client_name)} is active.")


@command.command(
    "delete", epilog="Example:  identity-service client delete 01997d5e-7c1a-7cc3-9d6f-0b5a3a0b8c66 --yes"
)
@client_argument
@click.option("--yes", is_flag=True, help="Do not ask, on a terminal.")
@json_option
@in_house
async def delete(house: Any, /, client_id: str, yes: bool, as_json: bool) -> None:
    """Delete a client. Its id is never given out again."""
    found = await find(house, client_id)
    agreed(yes, f"Delete {cell(found.client_name)} ({found.client_id})?")
    await house.services().clients.delete_client(found.client_id, by=OPERATOR)
    if as_json:
        print_json({"client_id": found.client_id, "deleted": True})
    else:
        click.echo(f"{cell(found.client_name)} is deleted; every token given out before has ended.")


command.add_command(update)
command.add_command(initial_access_token)
