"""Fixtures for tests that need a migrated database or a whole server, on every storage there is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import House, open_house, settings_for
from tests.migrated import copy_of, migrate_sqlite
from tests.servers.postgres import Databases

STORAGES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrate_sqlite(path)
    return path


@pytest.fixture(params=STORAGES)
def storage(request: pytest.FixtureRequest) -> str:
    """Which storage the test runs on: each in turn."""
    return str(request.param)


@pytest.fixture
def database_source(storage: str, request: pytest.FixtureRequest) -> str | Databases:
    """What makes databases for this test: the path of a template to copy, or the run's PostgreSQL."""
    if storage == "sqlite":
        return str(request.getfixturevalue("sqlite_template"))
    return request.getfixturevalue("postgres")  # type: ignore[no-any-return]  # fixtures are untyped


@pytest.fixture
async def database_url(database_source: str | Databases, tmp_path: Path) -> str:
    """The URL of an empty, migrated database of this test's own."""
    if isinstance(database_source, str):
        return copy_of(Path(database_source), tmp_path)
    return await database_source.database()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A running server on each storage."""
    async with open_house(settings_for(tmp_path, database_url=database_url)) as opened:
        yield opened
