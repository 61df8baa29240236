"""`identity-service db …` (PROTOCOL §8)."""

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.servers.databases import Databases


@pytest.fixture
async def empty_cli(bare_cli: CommandLine, database_source: str | Databases) -> CommandLine:
    """The command line over a database without tables, on each storage."""
    if isinstance(database_source, Databases):
        bare_cli.set(DATABASE_URL=await database_source.database(empty=True))
    return bare_cli


def test_s8_create_makes_the_tables_and_is_done_the_second_time(empty_cli: CommandLine) -> None:
    made = empty_cli.json("db", "create")
    assert made["from"] is None
    assert empty_cli.json("db", "current") == {"current": made["to"], "head": made["to"]}
    assert "already" in empty_cli.ok("db", "create")
    assert empty_cli.json("user", "list") == []


def test_s8_downgrade_and_upgrade_again(empty_cli: CommandLine) -> None:
    head = empty_cli.json("db", "create")["to"]
    assert empty_cli.json("db", "downgrade", "base", "--yes") == {"from": head, "to": None}
    assert "run `identity-service db upgrade`" in empty_cli.refused("user", "list")
    assert empty_cli.json("db", "upgrade") == {"from": None, "to": head}
    assert empty_cli.json("db", "downgrade", "-1", "--yes")["to"] != head


def test_s8_drop_needs_yes_where_nobody_can_be_asked(empty_cli: CommandLine) -> None:
    head = empty_cli.json("db", "create")["to"]
    assert "'--yes'" in empty_cli.refused("db", "drop", status=2)
    assert empty_cli.json("db", "current")["current"] == head
    assert empty_cli.json("db", "drop", "--yes") == {"from": head, "to": None}
    assert empty_cli.json("db", "current")["current"] is None


def test_s8_an_unknown_revision_is_one_line(cli: CommandLine) -> None:
    assert "nope" in cli.refused("db", "upgrade", "nope")


def test_s8_a_database_that_cannot_be_reached_is_one_line_that_names_the_variable(
    bare_cli: CommandLine,
) -> None:
    bare_cli.set(DATABASE_URL="postgresql://user:hunter2@127.0.0.1:1/none")
    line = bare_cli.refused("db", "current")
    assert "DATABASE_URL" in line
    assert "hunter2" not in line


def test_s8_a_wrong_setting_is_one_line_that_names_the_variable(bare_cli: CommandLine) -> None:
    bare_cli.set(DATABASE_URL="mysql://127.0.0.1/none")
    assert bare_cli.refused("db", "current").startswith("Error: DATABASE_URL")


def test_s8_a_folder_that_cannot_be_made_is_one_line(bare_cli: CommandLine) -> None:
    (bare_cli.folder / "file").write_text("")
    bare_cli.set(DATA_DIR=str(bare_cli.folder / "file" / "var"))
    assert "file" in bare_cli.refused("db", "create")


def test_migrations_need_no_secret_in_production_either(bare_cli: CommandLine) -> None:
    bare_cli.set(ENVIRONMENT="production", ISSUER="https://id.example", MASTER_KEY=None, JWT_PRIVATE_KEY=None)
    assert bare_cli.json("db", "create")["from"] is None
    assert not (bare_cli.folder / "var" / "master.key").exists()
