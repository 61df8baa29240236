"""Writes docs/cli.md from the commands' own help; `--check` only compares."""

import sys
from collections.abc import Iterator

import click

from identity_service.cli import root
from scripts.bring_up import bring_up

PROGRAM = "identity-service"
WIDTH = 100
HEAD = f"""# The command line

`{PROGRAM}`, or `python -m identity_service.cli`. Settings come from the environment or from `.env`
([configuration](configuration.md)); `quickstart` alone keeps to its own folder, keys included, whatever they say.

- Every command has `--help` with an example, and `--json` where there is something to print.
- Exit status: 0 it is done, 1 it could not be done (one line on standard error says why and what to do), 2 it was
  called wrongly.
- It asks for what is missing only when it runs on a terminal. A password is never an argument: arguments show in the
  list of processes and in the history of the shell.
- A command speaks to the database itself, with the same use cases as the server, and needs no running server. Running
  servers hear of what it ends within a second.

This page is made by `python scripts/cli_page.py` from the commands' own help.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(path, command) for path, command in commands())])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name, a group before what is in it."""
    yield from _below(PROGRAM, root)


def _below(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if command is not root:
        yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _below(f"{path} {name}", below)


def _section(path: str, command: click.Command) -> str:
    words = path.split()
    context = click.Context(
        command,
        info_name=path,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=root.context_settings["help_option_names"],  # as below the root
    )
    lines = (line.rstrip() for line in command.get_help(context).splitlines())
    return "\n".join([f"{'#' * len(words)} {' '.join(words[1:])}", "", "```text", *lines, "```", ""])


def main(arguments: list[str]) -> int:
    """Exit status 1 if `--check` finds that the page is not what the commands say."""
    return bring_up({"docs/cli.md": page}, arguments, script="cli_page")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
