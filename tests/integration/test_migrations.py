"""Migrations: every step forth and back, whole or not at all, and the same tables that the program knows."""

import asyncio
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, event, inspect, text
from sqlalchemy.exc import DBAPIError

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.migrations import MigrationFailed, Migrations, config
from identity_service.adapters.sql.revisions import scripts
from identity_service.adapters.sql.schema import metadata
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.servers.databases import Databases

CHECKOUT = Path(__file__).parents[2]
AT_ONCE = 3
REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))
]

BROKEN = '''"""Half of it works."""

import sqlalchemy as sa
from alembic import op

revision = "broken"
down_revision = "{before}"


def upgrade():
    op.create_table("half_way", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO half_way (id) VALUES (1)")
    op.execute("{statement}")


def downgrade():
    op.drop_table("half_way")
'''


@pytest.fixture
async def empty_url(storage: str, postgres: Databases, tmp_path: Path) -> str:
    """The URL of a database without a table, on each storage."""
    if storage == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}"
    return await postgres.database(empty=True)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database(DatabaseOptions(url=empty_url))
    yield database
    await database.close()


async def look(database: Database, at: Any) -> Any:
    async with database.engine.connect() as connection:
        return await connection.run_sync(at)


async def tables(database: Database) -> set[str]:
    return set(await look(database, lambda connection: inspect(connection).get_table_names()))


def plain(members: Any) -> str:
    """A description as text; expressions would otherwise show where they lie in memory."""
    if isinstance(members, dict):
        return str(sorted((name, plain(value)) for name, value in members.items()))
    return str(members)


async def shape(database: Database) -> Any:
    """Everything there is in the schema, in a form that can be compared."""

    def described(connection: Connection) -> Any:
        inspector = inspect(connection)
        return {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
                sorted(map(plain, inspector.get_indexes(name))),
                sorted(map(plain, inspector.get_foreign_keys(name))),
                sorted(map(plain, inspector.get_check_constraints(name))),
            )
            for name in sorted(inspector.get_table_names())
        }

    return await look(database, described)


async def test_every_migration_goes_up_down_and_up_again(empty: Database) -> None:
    migrations = Migrations(empty)
    before = "base"
    for revision in REVISIONS:
        await migrations.upgrade(revision)
        first = await shape(empty)
        await migrations.downgrade(before)
        assert await migrations.current() == (None if before == "base" else before)
        await migrations.upgrade(revision)
        assert await migrations.current() == revision
        assert await shape(empty) == first
        before = revision
    assert before == migrations.head()


async def test_after_going_all_the_way_down_nothing_is_left(empty: Database) -> None:
    await Migrations(empty).upgrade()

    await Migrations(empty).downgrade("base")

    assert await tables(empty) <= {"alembic_version"}


def same_type(context: Any, inspected: Any, declared: Any, was: Any, now: Any) -> bool | None:
    """A moment is stored as the plain type that it decorates."""
    return False if isinstance(now, UtcDateTime) and "DATETIME" in repr(was).upper() + str(was) else None


def differences(connection: Connection) -> Any:
    context = MigrationContext.configure(
        connection, opts={"compare_type": same_type, "compare_server_default": True}
    )
    return compare_metadata(context, metadata)


async def test_the_migrations_make_exactly_the_tables_that_the_program_knows(empty: Database) -> None:
    await Migrations(empty).upgrade()

    assert await look(empty, differences) == []


async def test_rules_have_the_names_that_the_program_knows_them_by(empty: Database) -> None:
    await Migrations(empty).upgrade()

    def checks(connection: Connection) -> set[Any]:
        inspector = inspect(connection)
        return {check["name"] for name in metadata.tables for check in inspector.get_check_constraints(name)}

    assert await look(empty, checks) == {
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


async def test_a_table_that_no_migration_makes_would_be_noticed(empty: Database) -> None:
    await Migrations(empty).upgrade()
    async with empty.engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_families_expires_at"))

    assert [difference[0] for difference in await look(empty, differences)] == ["add_index"]


CLIENT_OF_BEFORE = """
INSERT INTO clients (client_id, client_name, grant_types, response_types, redirect_uris, scope, resource_server,
                     metadata, active, epoch, version, created_at, updated_at)
VALUES ('{0}', '{0}', '[]', '[]', '{1}', '', false, '{{}}', true, 1, 1, '2026-01-01', '2026-01-01')
"""


async def test_clients_of_before_get_the_application_type_that_their_redirect_uris_need(
    empty: Database,
) -> None:
    await Migrations(empty).upgrade("0001")
    async with empty.engine.begin() as connection:
        for client_id, uris in (
            ("none", "[]"),
            ("web", '["https://a.example/cb", "HTTP://localhost/cb"]'),
            ("app", '["https://a.example/cb", "com.example.app:/cb"]'),
        ):
            await connection.exec_driver_sql(CLIENT_OF_BEFORE.format(client_id, uris))

    await Migrations(empty).upgrade()

    async with empty.engine.connect() as connection:
        rows = await connection.execute(text("SELECT client_id, application_type FROM clients"))
        assert {row.client_id: row.application_type for row in rows} == {
            "none": "web",
            "web": "web",
            "app": "native",
        }


async def test_logos_of_before_are_wanted(empty: Database) -> None:
    await Migrations(empty).upgrade("0003")
    async with empty.engine.begin() as connection:
        for client_id, metadata_ in (
            ("with", '{"logo_uri": "https://a.example/logo.png"}'),
            ("without", '{"client_uri": "https://a.example"}'),
        ):
            await connection.exec_driver_sql(CLIENT_OF_BEFORE.format(client_id, "[]"))
            await connection.exec_driver_sql(
                f"UPDATE clients SET metadata = '{metadata_}' WHERE client_id = '{client_id}'"
            )

    await Migrations(empty).upgrade()

    uow = SqlUnitOfWork(empty, writing=False, on_endings=lambda tags: None)
    async with uow:
        assert [(one.client_id, one.logo_uri) for one in await uow.logos.due(limit=10)] == [
            ("with", "https://a.example/logo.png")
        ]


def test_there_is_one_newest_revision_and_no_gap() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [REVISIONS[-1]]
    assert len(set(REVISIONS)) == len(REVISIONS)


def alembic(url: str, *arguments: str, folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


async def test_alembic_upgrade_head_works_in_a_checkout(empty: Database, empty_url: str) -> None:
    done = await asyncio.to_thread(alembic, empty_url, "upgrade", "head")

    assert done.returncode == 0, done.stderr
    assert await Migrations(empty).current() == REVISIONS[-1]


@pytest.mark.all
async def test_processes_that_migrate_an_empty_database_at_once_all_succeed(
    empty: Database, empty_url: str
) -> None:
    runs = await asyncio.gather(
        *(asyncio.to_thread(alembic, empty_url, "upgrade", "head") for _ in range(AT_ONCE)),
    )

    assert [run.returncode for run in runs] == [0] * AT_ONCE, runs
    assert await look(empty, differences) == []


@pytest.fixture
def broken(tmp_path: Path) -> Any:
    """The migrations with one more, whose second half fails in the way asked for."""

    def make(statement: str) -> Path:
        folder = tmp_path / "migrations"
        shutil.copytree(scripts(), folder, ignore=shutil.ignore_patterns("__pycache__"))
        path = folder / "versions" / "broken.py"
        path.write_text(BROKEN.format(before=REVISIONS[-1], statement=statement))
        return folder

    return make


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("INSERT INTO nowhere VALUES (1)", id="a table that is not there"),
        pytest.param("INSERT INTO half_way (id) VALUES (1)", id="data that a rule refuses"),
        pytest.param("THIS IS NO SQL", id="no SQL"),
    ],
)
async def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(
    empty: Database, broken: Any, statement: str
) -> None:
    await Migrations(empty).upgrade()
    before = await shape(empty)

    with pytest.raises(MigrationFailed, match="the database is as it was: ") as refused:
        await Migrations(empty, folder=broken(statement)).upgrade()

    assert "\n" not in str(refused.value)
    assert await shape(empty) == before
    assert await Migrations(empty).current() == REVISIONS[-1]
    await Migrations(empty).upgrade()


async def test_a_migration_of_an_empty_database_that_fails_leaves_it_empty(
    empty: Database, broken: Any
) -> None:
    with pytest.raises(MigrationFailed):
        await Migrations(empty, folder=broken("THIS IS NO SQL")).upgrade()

    assert await tables(empty) == set()


async def test_a_database_that_cannot_be_written_is_one_clear_line(empty_url: str, storage: str) -> None:
    """PostgreSQL's default for transactions, and SQLite's own switch: as on a standby, or on a read-only disk."""
    database = Database(DatabaseOptions(url=empty_url))
    if storage == "postgres":
        name = empty_url.rpartition("/")[2]
        async with database.engine.begin() as connection:
            await connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    else:
        async with database.engine.begin() as connection:
            await connection.execute(text("CREATE TABLE made_it_wal (id INTEGER)"))
        await database.close()
        path = Path(empty_url.partition("///")[2])
        database = Database(DatabaseOptions(url=f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true"))
    await database.engine.dispose()

    with pytest.raises(StorageUnavailable) as refused:
        await Migrations(database).upgrade()

    await database.close()
    assert "read" in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_full_disk_is_one_clear_line_and_nothing_is_lost(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "full.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(DatabaseOptions(url=f"sqlite+aiosqlite:///{path}"))

    @event.listens_for(database.engine.sync_engine, "connect")
    def small(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # SQLite makes that: no more than there are

    with pytest.raises(StorageUnavailable, match="full") as refused:
        await fill(database)

    assert "\n" not in str(refused.value)
    async with database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM principals"))).scalar_one() == 0
        assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    await database.close()


async def fill(database: Database) -> None:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:
        session = await database.open(stack, writing=True)
        for number in range(10_000):
            await session.execute(
                text(f"INSERT INTO principals (id, kind) VALUES ('{number:0>500}', 'user')")
            )
        await session.commit()


async def test_an_unreachable_database_is_one_clear_line(tmp_path: Path) -> None:
    for url in (
        f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/identity.sqlite3",
        "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
    ):
        database = Database(DatabaseOptions(url=url))
        with pytest.raises(StorageUnavailable) as refused:
            await Migrations(database).upgrade()
        await database.close()
        assert "\n" not in str(refused.value)


async def test_a_long_migration_is_not_cut_off_by_the_statement_timeout(postgres: Databases) -> None:
    database = Database(DatabaseOptions(url=await postgres.database(empty=True), statement_timeout=0.001))
    with pytest.raises((DBAPIError, TimeoutError)):  # the latter where it is BEGIN that took too long
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(1)"))

    await Migrations(database).upgrade()

    await database.close()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an installation holds, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(
        CHECKOUT,
        source,
        ignore=shutil.ignore_patterns(
            ".git", ".venv", "var", "tests", "__pycache__", ".*_cache", "benchmarks"
        ),
    )
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    [archive] = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder / "site")
    shutil.rmtree(source)
    return folder / "site"


def test_the_wheel_holds_every_migration_and_nothing_but_the_package(wheel: Path) -> None:
    held = {path.stem for path in (wheel / "identity_service" / "migrations" / "versions").glob("*.py")}

    assert held == {path.stem for path in (CHECKOUT / "alembic" / "versions").glob("*.py")}
    assert {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")} == {
        "identity_service"
    }


def test_the_wheel_holds_what_pages_are_made_of(wheel: Path) -> None:
    for folder in ("web/templates", "web/static", "i18n"):
        made_of = {path.name for path in (CHECKOUT / "identity_service" / folder).iterdir() if path.is_file()}
        assert made_of == {path.name for path in (wheel / "identity_service" / folder).iterdir()}


def test_an_installed_package_migrates_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    program = """
import asyncio, sys
from identity_service.adapters.sql import migrations
from identity_service.adapters.sql.database import Database, DatabaseOptions

async def main():
    database = Database(DatabaseOptions(url=sys.argv[1]))
    await migrations.Migrations(database).upgrade()
    print(migrations.scripts(), await migrations.Migrations(database).current())
    await database.close()

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, f"sqlite+aiosqlite:///{tmp_path / 'new.sqlite3'}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(wheel / "identity_service" / "migrations"), REVISIONS[-1]]
