"""What a database in trouble does to requests: 503 with Retry-After, soon, and recovery without a restart."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from dependency_injector import providers
from sqlalchemy import text

from identity_service.adapters.sql.database import DatabaseOptions
from identity_service.adapters.sql.endings_feed import endings_feed
from identity_service.infrastructure.container import build
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.house import PASSWORD, House, Registered, house_around, open_house, settings_for
from tests.migrated import copy_of
from tests.servers.databases import Databases
from tests.servers.postgres import OwnPostgres
from tests.servers.proxy import TcpProxy

SHORT = 0.2


async def looked_up(house: House, client: Registered) -> httpx2.Response:
    """The answer to a request that reads the client's row each time."""
    return await house.post("/oauth2/revoke", client, token="none of ours")


def is_unavailable(answer: httpx2.Response) -> bool:
    """RFC 6749 JSON, 503, and a time to come back."""
    return (
        answer.status_code == 503
        and answer.json()["error"] == "temporarily_unavailable"
        and int(answer.headers["Retry-After"]) >= 1
    )


@pytest.fixture
async def url(postgres: Databases) -> str:
    return await postgres.database()


@asynccontextmanager
async def held_lock(url: str, statement: str) -> AsyncIterator[None]:
    """Another transaction that keeps a lock."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(statement)
    yield
    await transaction.rollback()
    await connection.close()


async def test_a_lock_that_is_not_given_up_ends_in_503_within_the_statement_timeout(
    url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=url, database_statement_timeout_seconds=SHORT)
    async with open_house(settings) as house:
        client = await house.add_client()
        async with held_lock(url, "LOCK TABLE clients IN ACCESS EXCLUSIVE MODE"):
            assert is_unavailable(await looked_up(house, client))
        assert (await looked_up(house, client)).status_code == 200


async def test_a_statement_that_runs_too_long_is_ended_by_the_database(url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=url, database_statement_timeout_seconds=SHORT)
    async with open_house(settings) as house:
        async with house.container.read() as uow:
            with pytest.raises(StorageUnavailable, match="statement timeout"):
                await uow.users._session.execute(text("SELECT pg_sleep(60)"))
        async with house.container.read() as uow:
            await uow.users._session.execute(text("SELECT 1"))


async def test_a_transaction_left_idle_is_ended_by_the_database(url: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=url, database_statement_timeout_seconds=SHORT)
    async with open_house(settings) as house, house.container.database().engine.connect() as connection:
        shown = await connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
        assert shown.scalar_one() == "200ms"


async def test_a_pool_with_no_connection_to_spare_ends_in_503(url: str, tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, database_url=url, database_pool_size=2, database_pool_timeout_seconds=SHORT
    )
    async with open_house(settings) as house:
        client = await house.add_client()
        async with held_lock(url, "LOCK TABLE clients IN ACCESS EXCLUSIVE MODE"):
            holders = [asyncio.create_task(looked_up(house, client)) for _ in range(2)]
            while len(await waiting_for_a_lock(url)) < 2:
                await asyncio.sleep(0)
            assert is_unavailable(await looked_up(house, client))
            assert is_unavailable(await house.post("/oauth2/introspect", client, token="x"))
            assert (await house.http.get("/health/ready")).status_code == 200, "a busy server is a ready one"
        assert {answer.status_code for answer in await asyncio.gather(*holders)} == {200}
        assert (await looked_up(house, client)).status_code == 200


async def waiting_for_a_lock(url: str) -> list[Any]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    found = await connection.fetch(
        "SELECT FROM pg_locks JOIN pg_database AS d ON d.oid = database"
        " WHERE NOT granted AND datname = current_database()"
    )
    await connection.close()
    return list(found)


async def test_transactions_wait_no_longer_than_that_for_a_connection(url: str, tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, database_url=url, database_pool_size=1, database_pool_timeout_seconds=SHORT
    )
    async with open_house(settings) as house:
        client = await house.add_client()
        async with house.container.database().engine.connect():
            answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
            assert is_unavailable(answer)


async def test_a_database_that_does_not_accept_is_given_up_after_the_connect_timeout(
    url: str, tmp_path: Path, tcp_proxy: Any
) -> None:
    proxy: TcpProxy = await tcp_proxy(url)
    settings = settings_for(tmp_path, database_url=proxy.url, database_connect_timeout_seconds=SHORT)
    async with open_house(settings) as house:
        client = await house.add_client()
        await house.container.database().close()
        proxy.swallow()
        assert is_unavailable(await looked_up(house, client))
        await proxy.heal()
        assert (await looked_up(house, client)).status_code == 200


async def test_a_connection_that_hangs_is_given_up_too(url: str, tmp_path: Path, tcp_proxy: Any) -> None:
    proxy: TcpProxy = await tcp_proxy(url)
    settings = settings_for(
        tmp_path,
        database_url=proxy.url,
        database_connect_timeout_seconds=SHORT,
        database_statement_timeout_seconds=SHORT,
    )
    async with open_house(settings) as house:
        client = await house.add_client()
        assert (await looked_up(house, client)).status_code == 200
        proxy.swallow()
        assert is_unavailable(await looked_up(house, client))
        await proxy.heal()
        await recovers(house, client)


async def test_a_silent_database_is_noticed_and_requests_are_refused_at_once_until_it_answers(
    url: str, tmp_path: Path, tcp_proxy: Any
) -> None:
    """Nothing here would end within a minute by a timeout of its own, not even what was under way."""
    proxy: TcpProxy = await tcp_proxy(url)
    settings = settings_for(
        tmp_path,
        database_url=proxy.url,
        database_pool_size=3,
        database_pool_timeout_seconds=60,
        database_connect_timeout_seconds=60,
        database_statement_timeout_seconds=60,
    )
    async with asyncio.timeout(50), open_house(settings) as house:
        client = await house.add_client()
        assert (await looked_up(house, client)).status_code == 200
        proxy.swallow()
        caught = await asyncio.gather(*(looked_up(house, client) for _ in range(8)))
        assert [is_unavailable(answer) for answer in caught] == [True] * 8
        for _ in range(100):
            assert is_unavailable(await looked_up(house, client))
        await proxy.heal()
        while (answer := await looked_up(house, client)).status_code != 200:
            assert is_unavailable(answer), answer.text
            await asyncio.sleep(0.01)


async def test_a_feed_that_is_silent_alone_refuses_no_request(
    url: str, tmp_path: Path, tcp_proxy: Any
) -> None:
    proxy: TcpProxy = await tcp_proxy(url)
    container = build(settings_for(tmp_path, database_url=url))
    silences = 0

    def silent() -> None:
        nonlocal silences
        silences += 1
        container.database().circuit.suspect()

    feed = endings_feed(DatabaseOptions(url=proxy.url), on_silence=silent)
    container.hearing.feed.override(providers.Object(feed))
    async with house_around(container) as house:
        client = await house.add_client()
        async with asyncio.timeout(30):
            while not house.container.liveness().state.in_sight:
                await asyncio.sleep(0.01)
            proxy.swallow()
            while house.container.liveness().state.in_sight:
                assert (await looked_up(house, client)).status_code == 200
                await asyncio.sleep(0.01)
        for _ in range(20):
            assert (await looked_up(house, client)).status_code == 200
    assert silences, "nobody suspected anything"


async def recovers(house: House, client: Registered) -> None:
    """A request or two may still find a broken connection; none may fail in another way."""
    for _ in range(20):
        answer = await looked_up(house, client)
        if answer.status_code == 200:
            return
        assert is_unavailable(answer), answer.text
    pytest.fail("no recovery in twenty requests")


@pytest.mark.parametrize("fault", ["cut", "reset"])
async def test_connections_cut_on_the_way_answer_503_and_are_replaced(
    url: str, tmp_path: Path, tcp_proxy: Any, fault: str
) -> None:
    proxy: TcpProxy = await tcp_proxy(url)
    settings = settings_for(tmp_path, database_url=proxy.url, database_pool_size=4)
    async with open_house(settings) as house:
        client = await house.add_client()
        await asyncio.gather(*(looked_up(house, client) for _ in range(8)))
        if fault == "cut":
            proxy.cut()
            assert is_unavailable(await looked_up(house, client))
            await proxy.heal()
        else:
            proxy.reset()
        await recovers(house, client)
        answers = await asyncio.gather(*(looked_up(house, client) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("way", [pytest.param("stop", marks=pytest.mark.all), "kill"])
async def test_the_database_going_away_under_load_gives_503_only_and_the_server_recovers_by_itself(
    own_postgres: OwnPostgres, tmp_path: Path, way: str
) -> None:
    url = await own_postgres.database()
    async with open_house(settings_for(tmp_path, database_url=url, database_pool_size=4)) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        seen: list[httpx2.Response] = []
        async with asyncio.TaskGroup() as tasks:
            load = [tasks.create_task(requests(house, client, seen)) for _ in range(6)]
            await enough(seen, 20)
            if way == "stop":
                await own_postgres.stop()
            else:
                await asyncio.to_thread(own_postgres.kill)
            await enough(seen, len(seen) + 30)
            assert any(answer.status_code == 503 for answer in seen)
            await own_postgres.start()
            await recovers(house, client)
            for task in load:
                task.cancel()
        wrong = [a for a in seen if a.status_code != 200 and not is_unavailable(a)]
        assert [(answer.status_code, answer.text) for answer in wrong] == []
        assert await house.is_active(client, tokens["access_token"])


async def requests(house: House, client: Registered, seen: list[httpx2.Response]) -> None:
    while True:
        seen.append(await house.token(client, grant_type="password", username="alice", password=PASSWORD))
        seen.append(await house.post("/oauth2/introspect", client, token=seen[-1].text))
        await asyncio.sleep(0)


async def enough(seen: list[httpx2.Response], number: int) -> None:
    async with asyncio.timeout(60):
        while len(seen) < number:
            await asyncio.sleep(0.005)


async def test_no_connection_is_held_while_passwords_are_hashed(url: str, tmp_path: Path) -> None:
    """A full hash queue and a pool of two: whoever needs no hash is served meanwhile (ARCHITECTURE §5)."""
    settings = settings_for(
        tmp_path,
        database_url=url,
        database_pool_size=2,
        hashing_threads=1,
        bcrypt_cost=10,
    )
    async with open_house(settings) as house:
        client = await house.add_client()
        await house.add_user()
        tokens = await house.sign_in(client)
        signing_in = [
            asyncio.create_task(
                house.token(client, grant_type="password", username=f"nobody{n}", password=PASSWORD)
            )
            for n in range(30)
        ]
        pool = house.container.hashing_pool()
        async with asyncio.timeout(60):
            while pool.queued < 10:
                await asyncio.sleep(0)
        assert await house.is_active(client, tokens["access_token"])
        refreshed = await house.token(
            client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        assert refreshed.status_code == 200
        assert pool.queued > 0, "the sign-ins were over before the others were served"
        assert {answer.status_code for answer in await asyncio.gather(*signing_in)} == {400}


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


async def test_a_locked_sqlite_file_ends_in_503(file: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=file, database_statement_timeout_seconds=SHORT)
    async with open_house(settings) as house:
        await house.add_user()
        client = await house.add_client()
        other = sqlite3.connect(file.partition(":///")[2], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
        assert is_unavailable(answer)
        other.execute("ROLLBACK")
        other.close()
        assert await house.sign_in(client)


async def test_who_waits_behind_a_writer_on_sqlite_waits_no_longer_than_for_a_connection(
    file: str, tmp_path: Path
) -> None:
    """Another program holds the lock until all but one, which waits for that lock, have had their answers."""
    settings = settings_for(
        tmp_path,
        database_url=file,
        database_pool_timeout_seconds=SHORT,
        database_statement_timeout_seconds=60,
    )
    async with asyncio.timeout(50), open_house(settings) as house:
        await house.add_user()
        client = await house.add_client()
        other = sqlite3.connect(file.partition(":///")[2], isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        signing_in = [
            asyncio.create_task(
                house.token(client, grant_type="password", username="alice", password=PASSWORD)
            )
            for _ in range(4)
        ]
        first = asyncio.as_completed(signing_in)
        assert [is_unavailable(await next(first)) for _ in range(3)] == [True] * 3
        other.execute("ROLLBACK")
        other.close()
        assert (
            sorted([answer.status_code for answer in await asyncio.gather(*signing_in)]) == [200] + [503] * 3
        )


async def test_a_turn_that_did_not_come_is_nobodys_afterwards(file: str, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, database_url=file, database_pool_timeout_seconds=SHORT)
    async with open_house(settings) as house:
        async with house.container.begin():
            with pytest.raises(StorageUnavailable, match="the turn to write did not come"):
                async with house.container.begin():
                    pass
        async with house.container.begin() as uow:
            await uow.commit()


async def test_a_sqlite_file_that_may_only_be_read_ends_in_503_and_still_answers_reads(
    file: str, tmp_path: Path
) -> None:
    async with open_house(settings_for(tmp_path, database_url=file, database_pool_size=1)) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        async with house.container.database().engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA query_only=ON")
        answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
        assert is_unavailable(answer)
        assert await house.is_active(client, tokens["access_token"])


async def test_a_full_disk_ends_in_503_and_loses_nothing(file: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url=file, database_pool_size=1)) as house:
        await house.add_user()
        client = await house.add_client()
        tokens = await house.sign_in(client)
        async with house.container.database().engine.connect() as connection:
            pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        full = False
        for _ in range(200):
            answer = await house.token(client, grant_type="password", username="alice", password=PASSWORD)
            assert answer.status_code == 200 or is_unavailable(answer)
            full = full or answer.status_code == 503
        assert full
        assert await house.is_active(client, tokens["access_token"])
        async with house.container.database().engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        assert await house.sign_in(client)
