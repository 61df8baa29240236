"""The command line in the test's own process, with settings of the test's own."""

import asyncio
import json
import os
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from identity_service.cli import root
from identity_service.infrastructure.config.settings import load_settings
from identity_service.infrastructure.container import build
from tests.house import private_key
from tests.migrated import copy_of

T = TypeVar("T")


class CommandLine:
    """Runs commands; `env` is what they find in the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str | None] = dict.fromkeys(
            os.environ
        )  # nothing of what the tests were started with
        self.env |= {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.set(
            DATA_DIR=str(folder / "var"),
            BCRYPT_COST="4",
            JWT_PRIVATE_KEY=private_key(),
            CLIENT_SIGNING_ALGORITHMS="RS256",
            MASTER_KEY=b64encode(bytes(32)).decode(),
        )

    def set(self, **variables: str | None) -> None:
        """Sets variables; None takes one away."""
        self.env |= variables

    def __call__(self, *args: str, stdin: str = "") -> Result:
        """What the command answers, whatever that is; a defect is raised."""
        result = CliRunner().invoke(root, args, input=stdin, env=self.env)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ok(self, *args: str, stdin: str = "") -> str:
        """Standard output of a command that must succeed."""
        result = self(*args, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str, stdin: str = "") -> Any:
        """The one JSON document of a command that must succeed."""
        return json.loads(self.ok(*args, "--json", stdin=stdin))

    def refused(self, *args: str, stdin: str = "", status: int = 1) -> str:
        """The last line on standard error of a command that must fail with this status and say nothing else."""
        result = self(*args, stdin=stdin)
        assert result.exit_code == status, result.output
        assert result.stdout == ""
        lines = result.stderr.strip().splitlines()
        assert status == 2 or len(lines) == 1, result.stderr
        return lines[-1]

    def within(self, monkeypatch: pytest.MonkeyPatch, work: Callable[[Any], Awaitable[T]]) -> T:
        """What `work` answers, called with a container over the same settings."""

        async def run() -> T:
            container = build(load_settings())
            try:
                return await work(container)
            finally:
                await container.hashing_pool().close()
                await container.database().close()

        with monkeypatch.context() as patch:
            for name, value in self.env.items():
                patch.setenv(name, value) if value is not None else patch.delenv(name, raising=False)
            return asyncio.run(run())


@pytest.fixture
def bare_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line of a machine where nothing was set up: no database, no .env."""
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path)


@pytest.fixture
def cli(bare_cli: CommandLine, sqlite_template: Path, tmp_path: Path) -> CommandLine:
    """The command line over an empty embedded database."""
    bare_cli.set(DATABASE_URL=copy_of(sqlite_template, tmp_path))
    return bare_cli


@pytest.fixture
def any_cli(bare_cli: CommandLine, database_url: str) -> CommandLine:
    """The command line over an empty database, on each storage."""
    bare_cli.set(DATABASE_URL=database_url)
    return bare_cli
