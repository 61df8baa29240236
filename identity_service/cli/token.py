"""Tokens, as an operator looks at them and ends them."""

from typing import Any

import click

from identity_service.cli.opened import in_house
from identity_service.cli.output import json_option, print_json, print_members
from identity_service.cli.terminal import asked, confirmed, is_terminal, line_of_stdin
from identity_service.domain.services.access_policy import OPERATOR

MEMBERS = ("token_type", "username", "client_id", "sub", "scope", "aud", "iss", "iat", "exp", "jti")

token_argument = click.argument("token", default="-", metavar="TOKEN")


@click.group("token", epilog="Example:  identity-service token introspect - < token.txt")
def command() -> None:
    """Look at a token, or end it.

    TOKEN is `-` (or nothing) to read it from standard input: the list of processes shows what stands on a command line.
    """


@command.command("introspect", epilog="Example:  identity-service token introspect - < token.txt")
@token_argument
@json_option
def introspect(token: str, as_json: bool) -> None:
    """Say what the server knows of an access or refresh token, whoever it belongs to."""
    _introspect(_read(token), as_json)


@in_house
async def _introspect(house: Any, /, token: str, as_json: bool) -> None:
    members = await _members(house, token)
    if as_json:
        print_json(members)
    else:
        print_members(members)


@command.command("revoke", epilog="Example:  identity-service token revoke - < token.txt")
@token_argument
@click.option(
    "--everything", is_flag=True, help="End every token there is, as after a theft or from a backup."
)
@click.option("--yes", is_flag=True, help="Do not ask, with --everything.")
@json_option
def revoke(token: str, everything: bool, yes: bool, as_json: bool) -> None:
    """End a token, whoever it belongs to. A refresh token ends with all tokens that go back to its sign-in."""
    if everything:
        confirmed(yes, "End every token of every user and client?")
        _revoke_everything(as_json)
    else:
        _revoke(_read(token), as_json)


@in_house
async def _revoke_everything(house: Any, /, as_json: bool) -> None:
    epoch = await house.services().system.revoke_everything(by=OPERATOR.id)
    if as_json:
        print_json({"epoch": epoch})
    else:
        click.echo("Every token that was given out before has ended.")


@in_house
async def _revoke(house: Any, /, token: str, as_json: bool) -> None:
    before = await _members(house, token)
    await house.services().oauth2.revoke_token(token, caller=OPERATOR)
    if as_json:
        print_json({"was_active": before["active"], "active": False})
    elif before["active"]:
        click.echo("The token has ended.")
    else:
        click.echo(
            "The token was not active. If it is a refresh token of this server, what goes back to it has ended."
        )


def _read(token: str) -> str:
    if token == "-":
        token = asked(None, "TOKEN", "Token") if is_terminal() else line_of_stdin("TOKEN")
    return token.strip()


async def _members(house: Any, token: str) -> dict[str, Any]:
    await house.load_keys()()
    found = await house.services().oauth2.introspect_token(token, caller=OPERATOR)
    if found is None:
        return {"active": False}
    known = {name: getattr(found, name) for name in MEMBERS}
    return {"active": True} | {name: value for name, value in known.items() if value is not None}
