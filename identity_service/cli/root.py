"""Loads a command only when it is called, so that the help is there at once; turns faults into one line."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from identity_service.cli.faults import explained


class Place(NamedTuple):
    """Where a command is, and what the list of commands says of it."""

    module: str
    summary: str


COMMANDS = {
    "quickstart": Place("quickstart", "Make a demo on this machine, print how to try it, and serve."),
    "serve": Place("serve", "Run the server."),
    "demo": Place("relying_party", "Run a small relying party that signs you in and shows what it learns."),
    "doctor": Place("doctor", "Check settings, database, Redis, keys, clock and issuer."),
    "posture": Place("posture", "Look for weak settings, keys and clients."),
    "user": Place("user", "Create, list and change users."),
    "client": Place("client", "Create, list and change clients."),
    "session": Place("session", "List and end the sessions of browsers."),
    "family": Place("family", "List and end token families: what sign-ins gave to clients."),
    "consent": Place("consent", "List and take back what people agreed that clients may have."),
    "outbox": Place("outbox", "Look at messages on their way out; resend or discard them."),
    "mail": Place("mail", "Look at letters and at mails that were kept; send one to try it."),
    "limits": Place("limits", "Show the quotas of callers, and check a file of them."),
    "audit": Place("audit", "Read the log of events, prove that it is whole, make checkpoints of it."),
    "keys": Place("keys", "List, make, import and rotate the keys that sign tokens."),
    "token": Place("token", "Look at a token, or end it."),
    "db": Place("db", "Create, upgrade, downgrade, purge or drop the database."),
}

HELP = """An OAuth 2 / OpenID Connect authorization server.

Settings come from the environment or from `.env`.
"""


class Root(click.Group):
    """The command `identity-service`."""

    def __init__(self, *, name: str, commands_by_name: Mapping[str, Place]) -> None:
        super().__init__(name, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
        self._places = commands_by_name

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order a newcomer meets them."""
        return list(self._places)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imports the command's module."""
        if name not in self._places:
            return None
        module = import_module(f"identity_service.cli.{self._places[name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in self._places.items()])

    def invoke(self, context: click.Context) -> Any:
        """Runs the command; a fault that can be foreseen ends it with one line and status 1."""
        try:
            return super().invoke(context)
        except BrokenPipeError:  # whoever read our output has seen enough: click ends quietly
            raise
        except Exception as error:
            line = explained(error)
            if line is None:
                raise
            raise click.ClickException(line) from error
