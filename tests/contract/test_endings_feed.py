"""The feed of endings: `ports.EndingsFeed` on SQLite and on Postgres."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.endings_feed import PostgresEndingsFeed, endings_feed
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.domain.entities.event import Event
from identity_service.domain.entities.token_event import AccessTokenRevoked
from identity_service.ports.repositories.endings import EndingsFeed
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.servers.databases import Databases
from tests.servers.postgres import OwnPostgres
from tests.servers.proxy import TcpProxy

Proxied = Callable[[str], Awaitable[TcpProxy]]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(DatabaseOptions(url=database_url))
    yield opened
    await opened.close()


@pytest.fixture
async def feed(database_url: str) -> AsyncIterator[EndingsFeed]:
    opened = endings_feed(DatabaseOptions(url=database_url))
    yield opened
    await opened.close()


def revoked(jti: str) -> Event:
    return AccessTokenRevoked(by="test", jti=jti, client_id="a")


def writing(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, writing=True, on_endings=lambda tags: None)


async def end(database: Database, *jtis: str) -> None:
    async with writing(database) as uow:
        for jti in jtis:
            uow.events.add(revoked(jti))
        await uow.commit()


async def test_the_first_read_gives_a_cursor_and_no_endings(database: Database, feed: EndingsFeed) -> None:
    await end(database, "1")

    assert (await feed.read(None)).tags == ()


async def test_a_read_gives_what_was_committed_since_the_cursor(
    database: Database, feed: EndingsFeed
) -> None:
    first = await feed.read(None)
    await end(database, "1", "2")
    await end(database, "3", "1")
    second = await feed.read(first.cursor)

    assert sorted(second.tags) == ["jti:1", "jti:2", "jti:3"]
    assert (await feed.read(second.cursor)).tags == ()
    assert second.origin == first.origin


async def test_reads_follow_each_other_without_a_gap(database: Database, feed: EndingsFeed) -> None:
    read = await feed.read(None)
    seen: list[str] = []
    for number in range(5):
        await end(database, str(number))
        read = await feed.read(read.cursor)
        seen.extend(read.tags)

    assert seen == [f"jti:{number}" for number in range(5)]


async def test_what_was_rolled_back_never_comes(database: Database, feed: EndingsFeed) -> None:
    first = await feed.read(None)
    async with writing(database) as uow:
        uow.events.add(revoked("1"))
        await uow.events.write()

    assert (await feed.read(first.cursor)).tags == ()


async def test_a_cursor_that_was_not_advanced_gives_the_same_again(
    database: Database, feed: EndingsFeed
) -> None:
    first = await feed.read(None)
    await end(database, "1")
    await feed.read(first.cursor)

    assert (await feed.read(first.cursor)).tags == ("jti:1",)


async def test_purged_rows_do_not_disturb_the_cursor(database: Database, feed: EndingsFeed) -> None:
    await end(database, "1")
    first = await feed.read(None)
    async with AsyncExitStack() as stack:
        session = await database.open(stack, writing=True)
        await session.execute(text("DELETE FROM endings"))
        await session.commit()
    read = await feed.read(first.cursor)
    await end(database, "2")

    assert (await feed.read(read.cursor)).tags == ("jti:2",)


async def test_a_database_without_tables_is_unavailable_to_it(postgres: Databases) -> None:
    feed = endings_feed(DatabaseOptions(url=await postgres.database(empty=True)))
    cursor = (await feed.read(None)).cursor

    with pytest.raises(StorageUnavailable):
        await feed.read(cursor)
    await feed.close()


async def test_a_missing_file_is_unavailable_and_not_created(tmp_path: Any) -> None:
    path = tmp_path / "none.sqlite3"
    feed = endings_feed(DatabaseOptions(url=f"sqlite+aiosqlite:///{path}"))

    with pytest.raises(StorageUnavailable):
        await feed.read(None)
    assert not path.exists()


async def test_a_read_that_comes_to_its_turn_after_the_end_opens_nothing(sqlite_template: Path) -> None:
    feed = endings_feed(DatabaseOptions(url=f"sqlite+aiosqlite:///{sqlite_template}"))
    await feed.read(None)
    await feed.close()

    with pytest.raises(StorageUnavailable):
        await feed.read(None)


class TestPostgres:
    """What only concurrent writers can do."""

    @pytest.fixture
    async def database_url(self, postgres: Databases) -> str:
        return await postgres.database()

    @pytest.fixture
    def plain_url(self, database_url: str) -> str:
        return database_url.replace("+asyncpg", "")

    async def test_a_transaction_that_commits_late_is_not_missed(
        self, database: Database, feed: EndingsFeed
    ) -> None:
        """It takes the lower sequence number, and commits after a reader has seen the higher one."""
        read = await feed.read(None)
        async with writing(database) as slow:
            slow.events.add(revoked("slow"))
            await slow.events.write()
            await end(database, "quick")
            read = await feed.read(read.cursor)
            assert read.tags == ("jti:quick",)
            read = await feed.read(read.cursor)
            assert read.tags == ()
            await slow._session.commit()
        read = await feed.read(read.cursor)

        assert read.tags == ("jti:slow",)
        assert (await feed.read(read.cursor)).tags == ()

    async def test_transactions_that_commit_in_the_reverse_order_are_all_seen_once(
        self, database: Database, feed: EndingsFeed
    ) -> None:
        read = await feed.read(None)
        seen: list[str] = []
        async with AsyncExitStack() as stack:
            open_ = [await stack.enter_async_context(writing(database)) for _ in range(6)]
            for number, uow in enumerate(open_):
                uow.events.add(revoked(str(number)))
                await uow.events.write()
            for uow in reversed(open_):
                read = await feed.read(read.cursor)
                seen.extend(read.tags)
                await uow._session.commit()
        read = await feed.read(read.cursor)
        seen.extend(read.tags)

        assert seen == [f"jti:{number}" for number in reversed(range(6))]

    async def test_a_row_in_a_savepoint_belongs_to_its_transaction(
        self, plain_url: str, feed: EndingsFeed
    ) -> None:
        read = await feed.read(None)
        connection = await asyncpg.connect(plain_url)
        async with connection.transaction():
            async with connection.transaction():
                await connection.execute(
                    "INSERT INTO endings (tag, transaction_id, created_at) "
                    "VALUES ('jti:1', pg_current_xact_id()::text::bigint, now())"
                )
            read = await feed.read(read.cursor)
            assert read.tags == ()
        await connection.close()

        assert (await feed.read(read.cursor)).tags == ("jti:1",)

    async def test_a_writer_that_stays_open_hides_nothing_and_repeats_nothing(
        self, database: Database, plain_url: str, feed: EndingsFeed
    ) -> None:
        """Its transaction id holds back every snapshot's xmin."""
        connection = await asyncpg.connect(plain_url)
        read = await feed.read(None)
        async with connection.transaction():
            await connection.execute("SELECT pg_current_xact_id()")
            for number in range(3):
                await end(database, str(number))
                read = await feed.read(read.cursor)
                assert read.tags == (f"jti:{number}",)
        await connection.close()

    async def test_a_read_needs_no_lock_that_a_writer_holds(self, plain_url: str, feed: EndingsFeed) -> None:
        connection = await asyncpg.connect(plain_url)
        read = await feed.read(None)
        async with connection.transaction():
            await connection.execute("LOCK TABLE endings IN EXCLUSIVE MODE")
            assert (await feed.read(read.cursor)).tags == ()
        await connection.close()

    async def test_a_statement_that_is_kept_waiting_is_given_up_and_the_next_read_works(
        self, plain_url: str, feed: EndingsFeed, database: Database
    ) -> None:
        connection = await asyncpg.connect(plain_url)
        read = await feed.read(None)
        async with connection.transaction():
            await connection.execute("LOCK TABLE endings IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(StorageUnavailable):
                await feed.read(read.cursor)
        await connection.close()
        await end(database, "1")

        assert (await feed.read(read.cursor)).tags == ("jti:1",)

    async def test_a_connection_that_hangs_is_given_up_and_made_anew(
        self, database: Database, database_url: str, tcp_proxy: Proxied
    ) -> None:
        proxy = await tcp_proxy(database_url)
        feed = endings_feed(DatabaseOptions(url=proxy.url, connect_timeout=0.2))
        read = await feed.read(None)
        proxy.swallow()
        for _ in range(2):  # a read, then a connection
            with pytest.raises(StorageUnavailable):
                await feed.read(read.cursor)
        await proxy.heal()
        await end(database, "1")

        assert (await feed.read(read.cursor)).tags == ("jti:1",)
        await feed.close()

    async def test_a_connection_that_is_cut_is_made_anew(
        self, database: Database, database_url: str, tcp_proxy: Proxied
    ) -> None:
        proxy = await tcp_proxy(database_url)
        feed = endings_feed(DatabaseOptions(url=proxy.url))
        read = await feed.read(None)
        proxy.cut()
        with pytest.raises(StorageUnavailable):
            await feed.read(read.cursor)
        await proxy.heal()
        await end(database, "1")

        assert (await feed.read(read.cursor)).tags == ("jti:1",)
        await feed.close()

    async def test_the_address_may_name_several_hosts(self, database_url: str, feed: EndingsFeed) -> None:
        head, _, address = database_url.partition("@")
        host, _, name = address.partition("/")
        several = PostgresEndingsFeed(
            DatabaseOptions(url=f"{head}@/{name}?host={host}&host={host}&target_session_attrs=primary")
        )

        assert (await several.read(None)).origin == (await feed.read(None)).origin
        await several.close()

    @pytest.mark.all
    async def test_rows_restored_from_another_cluster_are_not_told_again_and_again(
        self, own_postgres: OwnPostgres
    ) -> None:
        """A dump brings the transaction ids of the cluster it was made on, which this one has still to give out.

        A server of its own: a transaction that others leave open there would hold the numbers back.
        """
        options = DatabaseOptions(url=await own_postgres.database())
        database, feed = Database(options), endings_feed(options)
        read = await feed.read(None)
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for ahead, tag in ((10, "jti:soon"), (10**9, "jti:late")):
                await connection.execute(
                    text(
                        "INSERT INTO endings (transaction_id, tag, created_at) VALUES "
                        f"(pg_snapshot_xmax(pg_current_snapshot())::text::bigint + {ahead}, '{tag}', now())"
                    )
                )
            told: list[str] = []
            for _ in range(20):  # twenty transactions, one of which has the number of the row
                await connection.execute(text("SELECT pg_current_xact_id()"))
                read = await feed.read(read.cursor)
                told += read.tags
        await end(database, "new")

        assert (await feed.read(read.cursor)).tags == ("jti:new",)
        assert told == ["jti:soon"]
        await feed.close()
        await database.close()

    async def test_a_restarted_server_is_another_origin(self, own_postgres: OwnPostgres) -> None:
        feed = endings_feed(DatabaseOptions(url=await own_postgres.database()))
        first = await feed.read(None)
        await own_postgres.stop()
        with pytest.raises(StorageUnavailable):
            await feed.read(first.cursor)
        await own_postgres.start()
        second = await feed.read(first.cursor)

        assert second.origin != first.origin
        await feed.close()
