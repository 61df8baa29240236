"""The command line: which commands there are, and how they end."""

from identity_service.cli.root import COMMANDS, Root

root = Root(name="identity-service", commands_by_name=COMMANDS)


def main() -> None:
    """The console script `identity-service`."""
    root(prog_name="identity-service")
