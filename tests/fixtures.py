"""Fixtures for tests that need a migrated database or a whole server, on every storage there is.

What imports the application is imported where it is used: every process of every run reads this file, and a run of
pure unit tests starts twice as fast without.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.servers.databases import Databases

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


@pytest.fixture
def house_with(sqlite_template: Path, tmp_path: Path) -> "Callable[..., AbstractAsyncContextManager[House]]":
    """`async with house_with(docs=False) as house:` is a server with these settings, on SQLite; any number of them."""
    from tests.house import open_house, settings_for
    from tests.migrated import copy_of

    opened = 0

    def open_one(**settings: Any) -> "AbstractAsyncContextManager[House]":
        nonlocal opened
        opened += 1
        folder = tmp_path / f"house-{opened}"
        folder.mkdir()
        return open_house(settings_for(folder, database_url=copy_of(sqlite_template, folder), **settings))

    return open_one


@pytest.fixture
async def small_house(
    house_with: "Callable[..., AbstractAsyncContextManager[House]]",
) -> "AsyncIterator[House]":
    """A running server on SQLite alone, for what no storage has a part in."""
    async with house_with() as opened:
        yield opened


@pytest.fixture
async def any_host(
    house_with: "Callable[..., AbstractAsyncContextManager[House]]",
) -> "AsyncIterator[House]":
    """As `small_house`, where requests may name any host: only so can a forged one get anywhere."""
    async with house_with(allowed_hosts=("*",)) as opened:
        yield opened


@asynccontextmanager
async def _with_alice(template: Path, folder: Path, **settings: Any) -> "AsyncIterator[House]":
    from tests.house import open_house, settings_for
    from tests.migrated import copy_of

    chosen = settings_for(folder, database_url=copy_of(template, folder), **settings)
    async with open_house(chosen) as opened:
        await opened.add_user()
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> "AsyncIterator[House]":
    """A running server on SQLite for all tests of a module that leave alice, who has an account there, as she is.

    Their module runs on one loop: `pytestmark = pytest.mark.asyncio(loop_scope="module")`.
    """
    async with _with_alice(sqlite_template, tmp_path_factory.mktemp("shared-house")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_registration(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> "AsyncIterator[House]":
    """The same, where anybody may register a client, as often as they like."""
    chosen: dict[str, Any] = {
        "client_registration": "open",
        "client_registration_per_hour": 100_000,
        "client_registration_most_clients": 100_000,
        "client_registration_scopes": ("calendar:read",),
        "rate_limit_policy_file": tmp_path_factory.mktemp("quotas") / "quotas.toml",
    }
    chosen["rate_limit_policy_file"].write_text("without_redis = 1.0\n")  # and nothing is counted
    async with _with_alice(sqlite_template, tmp_path_factory.mktemp("registration"), **chosen) as opened:
        yield opened
