"""What somebody at a terminal is asked, on a real pseudo-terminal (PROTOCOL §8: prompts only on a terminal)."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine

PATIENCE_SECONDS = 60


class Terminal:
    """A command whose standard streams are a terminal."""

    def __init__(self, cli: CommandLine, *args: str) -> None:
        self._side, theirs = pty.openpty()
        environment = {name: value for name, value in cli.env.items() if value is not None}
        self.process = subprocess.Popen(
            (sys.executable, "-m", "identity_service.cli", *args),
            cwd=cli.folder,
            env=environment | {"TERM": "dumb", "COLUMNS": "100"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def answer(self, question: str, text: str) -> None:
        """Types a line as soon as the question stands there."""
        self._read(question)
        os.write(self._side, f"{text}\n".encode())

    def end(self) -> int:
        """Waits for the end; `shown` is then all that was to be seen."""
        self._read(None)
        return self.process.wait(PATIENCE_SECONDS)

    def _read(self, until: str | None) -> None:
        asked = len(self.shown)
        while until is None or until not in self.shown[asked:]:
            ready, _, _ = select.select([self._side], [], [], PATIENCE_SECONDS)
            assert ready, self.shown
            try:
                read = os.read(self._side, 4096)
            except OSError:  # Linux: the other side is closed
                read = b""
            if not read:
                assert until is None, self.shown
                return
            self.shown += read.decode()

    def close(self) -> None:
        """Ends the command if it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._side)


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    """Terminals that are closed at the end."""
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def on_terminal(opened: list[Terminal], cli: CommandLine, *args: str) -> Terminal:
    opened.append(Terminal(cli, *args))
    return opened[-1]


@pytest.mark.all
def test_s8_user_create_asks_for_what_is_missing_and_never_shows_the_password(
    cli: CommandLine, opened: list[Terminal]
) -> None:
    terminal = on_terminal(opened, cli, "user", "create")
    terminal.answer("Username", "alice")
    terminal.answer("E-mail", "")
    terminal.answer("Password", "a long passphrase")
    terminal.answer("Repeat", "a long passphrase")
    assert terminal.end() == 0, terminal.shown
    assert "a long passphrase" not in terminal.shown
    assert cli.json("user", "show", "alice")["email"] is None


def test_s8_client_create_asks_for_what_is_missing(cli: CommandLine, opened: list[Terminal]) -> None:
    terminal = on_terminal(opened, cli, "client", "create")
    terminal.answer("Name", "Shop")
    terminal.answer("Grant types", "client_credentials")
    terminal.answer("Scope", "read write")
    assert terminal.end() == 0, terminal.shown
    assert "ids_" in terminal.shown
    (client,) = cli.json("client", "list")
    assert client["scope"] == "read write"


@pytest.mark.parametrize(
    ("answer", "status", "left"), [pytest.param("n", 1, 1, marks=pytest.mark.all), ("y", 0, 0)]
)
def test_s8_delete_asks_first(
    cli: CommandLine, opened: list[Terminal], answer: str, status: int, left: int
) -> None:
    create = ("user", "create", "--username", "alice", "--email", "", "--password-stdin")
    cli.ok(*create, stdin="a long passphrase")
    terminal = on_terminal(opened, cli, "user", "delete", "alice")
    terminal.answer("Delete alice", answer)
    assert terminal.end() == status
    assert "Traceback" not in terminal.shown
    assert len(cli.json("user", "list")) == left


@pytest.mark.parametrize(("answer", "status"), [pytest.param("n", 1, marks=pytest.mark.all), ("y", 0)])
def test_s8_drop_asks_first_and_names_the_database(
    cli: CommandLine, opened: list[Terminal], answer: str, status: int, tmp_path: Path
) -> None:
    terminal = on_terminal(opened, cli, "db", "drop")
    terminal.answer(f"Delete everything in sqlite:///{tmp_path}", answer)
    assert terminal.end() == status
    assert (cli.json("db", "current")["current"] is None) == (answer == "y")


@pytest.mark.all
def test_s8_a_list_is_a_table_that_fits_and_keeps_ids_whole(cli: CommandLine, opened: list[Terminal]) -> None:
    made = cli.json(
        "client", "create", "--name", "N" * 90, "--grant-type", "client_credentials", "--scope", "a b c"
    )
    terminal = on_terminal(opened, cli, "client", "list")
    assert terminal.end() == 0
    assert made["client_id"] in terminal.shown
    assert terminal.shown.count("N") == 90


def test_s8_a_closed_pipe_is_no_traceback(cli: CommandLine) -> None:
    environment = {name: value for name, value in cli.env.items() if value is not None}
    shell = f"{sys.executable} -m identity_service.cli user --help | true"
    result = subprocess.run(
        ("sh", "-c", shell), cwd=cli.folder, env=environment, capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
