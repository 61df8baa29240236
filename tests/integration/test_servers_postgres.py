"""The PostgreSQL fixtures keep what they promise."""

import asyncio

import asyncpg
import pytest

from tests.servers.databases import Databases
from tests.servers.postgres import OwnPostgres


def dsn(url: str) -> str:
    return url.replace("+asyncpg", "")


async def test_a_database_is_empty_and_of_its_own(postgres: Databases) -> None:
    urls = await asyncio.gather(postgres.database(empty=True), postgres.database(empty=True))
    first, second = [await asyncpg.connect(dsn(url)) for url in urls]
    try:
        await first.execute("CREATE TABLE only_here (id int)")
        assert await first.fetchval("SELECT to_regclass('only_here')") is not None
        assert await second.fetchval("SELECT to_regclass('only_here')") is None
    finally:
        await first.close()
        await second.close()


async def test_a_database_has_the_newest_schema_and_an_empty_one_has_none(postgres: Databases) -> None:
    for url, revisions in ((await postgres.database(), 1), (await postgres.database(empty=True), None)):
        connection = await asyncpg.connect(dsn(url))
        try:
            there = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
            found = await connection.fetchval("SELECT count(*) FROM alembic_version") if there else None
            assert found == revisions
        finally:
            await connection.close()


async def test_the_databases_of_a_test_are_dropped_with_their_connections(postgres: Databases) -> None:
    url = await postgres.database(empty=True)
    forgotten = await asyncpg.connect(dsn(url))
    await postgres.drop()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(dsn(url))
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await forgotten.execute("SELECT 1")
    await forgotten.close()


async def test_what_was_committed_survives_a_kill_and_what_was_not_does_not(
    own_postgres: OwnPostgres,
) -> None:
    url = await own_postgres.database(empty=True)
    connection = await asyncpg.connect(dsn(url))
    assert await connection.fetchval("SHOW fsync") == "on"
    await connection.execute("CREATE TABLE kept (id int)")
    await connection.execute("INSERT INTO kept VALUES (1)")
    await connection.execute("BEGIN; INSERT INTO kept VALUES (2)")
    own_postgres.kill()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await connection.execute("COMMIT")
    await connection.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(dsn(url))
    await own_postgres.start()
    again = await asyncpg.connect(dsn(url))
    assert [row["id"] for row in await again.fetch("SELECT id FROM kept")] == [1]
    await again.close()


async def test_a_stopped_server_refuses_connections_until_it_is_started(own_postgres: OwnPostgres) -> None:
    url = await own_postgres.database(empty=True)
    await own_postgres.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncpg.connect(dsn(url))
    await own_postgres.start()
    connection = await asyncpg.connect(dsn(url))
    await connection.close()
