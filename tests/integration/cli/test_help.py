"""Every command explains itself, and does so quickly (PROTOCOL §8)."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from identity_service.cli import root
from identity_service.cli.root import COMMANDS


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its name, groups included."""
    for name in COMMANDS:
        found = root.get_command(click.Context(root), name)
        assert found is not None
        yield (name,), found
        if isinstance(found, click.Group):
            yield from (((name, sub), command) for sub, command in found.commands.items())


ALL = list(commands())


@pytest.mark.parametrize(("name", "command"), ALL, ids=[" ".join(name) for name, _ in ALL])
def test_s8_every_command_has_a_help_with_an_example_that_names_it(
    name: tuple[str, ...], command: click.Command
) -> None:
    result = CliRunner().invoke(root, [*name, "--help"])
    assert result.exit_code == 0
    example = " ".join(result.output.rpartition("Example:")[2].split())
    assert f"identity-service {' '.join(name)}" in example


@pytest.mark.parametrize(
    "command",
    [pytest.param(c, id=" ".join(n)) for n, c in ALL if not isinstance(c, click.Group)],
)
def test_s8_every_command_has_json(command: click.Command) -> None:
    assert "--json" in [option for parameter in command.params for option in parameter.opts]


@pytest.mark.parametrize("command", [pytest.param(c, id=" ".join(n)) for n, c in ALL])
def test_s8_every_option_says_what_it_does(command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_s8_no_secret_is_an_option_with_a_value() -> None:
    valued = {
        option
        for _, command in ALL
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag
        for option in parameter.opts
    }
    assert [option for option in valued if "password" in option or "secret" in option] == []


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_list_of_commands_says_what_each_says_itself(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.help is not None
    assert command.help.startswith(COMMANDS[name].summary.removesuffix("."))


def test_s8_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(root, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command 'nonsense'" in result.stderr


def test_the_help_loads_neither_web_framework_nor_database() -> None:
    program = (
        "import sys\nfrom identity_service.cli import root\n"
        "root(['--help'], standalone_mode=False)\n"
        "print(sorted({'fastapi', 'sqlalchemy', 'pydantic', 'rich', 'uvicorn', 'asyncio'} & set(sys.modules)))"
    )
    result = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_console_script_and_the_module_are_the_same() -> None:
    result = subprocess.run(
        (sys.executable, "-m", "identity_service.cli", "--help"), capture_output=True, text=True, check=True
    )
    assert result.stdout == CliRunner().invoke(root, ["--help"], prog_name="identity-service").output
