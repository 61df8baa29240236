"""Fixtures for tests that need a migrated database or a whole server, on every storage there is.

What imports the application is imported where it is used: every process of every run reads this file, and a run of
pure unit tests starts twice as fast without.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.postgres import Databases

if TYPE_CHECKING:
    from tests.house import House

STORAGES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    from tests.migrated import migrate_sqlite

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
        from tests.migrated import copy_of

        return copy_of(Path(database_source), tmp_path)
    return await database_source.database()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> "AsyncIterator[House]":
    """A running server on each storage."""
    from tests.house import open_house, settings_for

    async with open_house(settings_for(tmp_path, database_url=database_url)) as opened:
        yield opened
