"""What health checks say while things come and go; a start with anything away."""

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers
from sqlalchemy import text

from identity_service import __version__
from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.migrations import Migrations
from identity_service.application.use_cases.keys.sealing import WRONG_MASTER_KEY
from identity_service.infrastructure.container import build
from identity_service.ports.repositories.endings import FeedRead
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.api_caller import on_sqlite
from tests.house import House, house_around, open_house, settings_for
from tests.migrated import copy_of
from tests.running import Program, environment, house_of, running
from tests.servers.databases import Databases
from tests.servers.postgres import OwnPostgres
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer


async def test_a_well_server_says_so_with_latencies_and_version(house: House) -> None:
    async with asyncio.timeout(60):
        while not house.container.liveness().state.in_sight:
            await asyncio.sleep(0.005)
    answer = await house.http.get("/health")
    members = answer.json()
    assert (answer.status_code, members["status"], members["version"]) == (200, "ok", __version__)
    assert set(members["dependencies"]) >= {"database", "keys", "feed"}
    for each in members["dependencies"].values():
        assert each["status"] == "ok"
        assert each["milliseconds"] >= 0
    assert (await house.http.get("/health/ready")).json() == {"status": "ready"}
    assert (await house.http.get("/health/live")).json() == {"status": "ok"}


@on_sqlite
@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_no_health_check_is_cached_on_its_way(house: House, path: str) -> None:
    answer = await house.http.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await house.http.head(path)).status_code == 200


async def test_redis_away_degrades_and_does_not_take_the_server_out_of_service(
    database_url: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = settings_for(tmp_path, database_url=database_url, redis_url=redis_server.url)
    async with open_house(settings) as house:
        assert (await house.http.get("/health")).json()["dependencies"]["redis"]["status"] == "ok"
        await redis_server.stop()
        clear(house)
        answer = await house.http.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["dependencies"]["redis"]["problem"] == "does not answer"
        assert (await house.http.get("/health/ready")).status_code == 200


class Feed:
    """Answers nothing before it is told to, and fails then."""

    def __init__(self) -> None:
        self.fails = asyncio.Event()

    async def read(self, cursor: str | None) -> FeedRead:
        await self.fails.wait()
        raise StorageUnavailable("away")

    async def close(self) -> None:
        pass


async def test_a_feed_that_has_still_to_answer_for_the_first_time_degrades_nothing_and_one_that_fails_does(
    sqlite_template: Path, tmp_path: Path
) -> None:
    container, feed = build(settings_for(tmp_path, database_url=copy_of(sqlite_template, tmp_path))), Feed()
    container.hearing.feed.override(providers.Object(feed))
    async with house_around(container) as house:
        assert (await house.http.get("/health")).json()["status"] == "ok"
        feed.fails.set()
        async with asyncio.timeout(60):
            while not container.liveness().state.asked:
                await asyncio.sleep(0)
        clear(house)
        answer = (await house.http.get("/health")).json()
        assert (answer["status"], answer["dependencies"]["feed"]["status"]) == ("degraded", "degraded")


def clear(house: House) -> None:
    """Forget what the last health check found, as a second would."""
    house.container.operation.check_health()._known = None


async def test_a_hanging_redis_is_not_waited_for(
    database_url: str, tmp_path: Path, redis_server: RedisServer, tcp_proxy: Any
) -> None:
    proxy: TcpProxy = await tcp_proxy(redis_server.url)
    settings = settings_for(tmp_path, database_url=database_url, redis_url=proxy.url)
    async with open_house(settings) as house:
        proxy.swallow()
        clear(house)
        assert (await house.http.get("/health")).json()["status"] == "degraded"


async def test_the_database_going_away_takes_the_server_out_of_service_until_it_is_back(
    own_postgres: OwnPostgres, tmp_path: Path
) -> None:
    url = await own_postgres.database()
    async with open_house(settings_for(tmp_path, database_url=url)) as house:
        client = await house.add_client()
        await own_postgres.stop()
        clear(house)
        down = await house.http.get("/health")
        assert (down.status_code, down.json()["status"]) == (503, "down")
        assert down.json()["dependencies"]["database"]["problem"] == "does not answer"
        assert str(own_postgres.port) not in down.text
        unready = await house.http.get("/health/ready")
        assert (unready.status_code, unready.headers["Retry-After"]) == (503, "1")
        assert (await house.http.get("/health/live")).status_code == 200

        await own_postgres.start()
        async with asyncio.timeout(60):
            while (await house.http.get("/health/ready")).status_code != 200:
                clear(house)
        assert (await house.token(client, grant_type="client_credentials")).status_code == 200


@pytest.mark.all  # ten seconds of waiting
async def test_a_database_that_hangs_is_not_waited_for_and_is_not_asked_again_meanwhile(
    postgres: Databases, tmp_path: Path, tcp_proxy: Any
) -> None:
    url = await postgres.database()
    proxy: TcpProxy = await tcp_proxy(url)
    async with open_house(settings_for(tmp_path, database_url=proxy.url)) as house:
        proxy.swallow()
        clear(house)
        assert (await house.http.get("/health/ready")).status_code == 503
        clear(house)
        before = proxy.connections
        assert (await house.http.get("/health/ready")).status_code == 503
        assert proxy.connections <= before + 1


async def test_many_probes_ask_the_database_once(house: House) -> None:
    asked = 0

    async def counted() -> str | None:
        nonlocal asked
        asked += 1
        return None

    check = house.container.operation.check_health()
    check._probes = {"database": counted}
    clear(house)
    for path in ("/health", "/health/ready") * 20:
        assert (await house.http.get(path)).status_code == 200
    assert asked == 1


async def test_a_start_without_the_database_answers_live_and_becomes_ready_by_itself(
    own_postgres: OwnPostgres, tmp_path: Path
) -> None:
    url = await own_postgres.database()
    await own_postgres.stop()
    program = Program(tmp_path, environment(tmp_path, url))
    program.start()
    try:
        async with house_of(program, url) as house:
            await program.answers(house.http, "/health/live", 200)
            assert (await house.http.get("/health/ready")).status_code == 503
            refused = await house.http.post(
                "/oauth2/introspect", data={"token": "x"}, auth=("someone", "secret")
            )
            assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
            assert int(refused.headers["Retry-After"]) >= 1
            await own_postgres.start()
            await program.answers(house.http, "/health/ready", 200)
            client = await house.add_client()
            assert (await house.token(client, grant_type="client_credentials")).status_code == 200
    finally:
        program.kill()
    assert "the database cannot be used" in program.output


async def test_a_start_with_migrations_behind_is_not_ready_says_what_to_run_and_recovers(
    tmp_path: Path, postgres: Databases
) -> None:
    url = await postgres.database(empty=True)
    async with running(tmp_path, url, ready=False) as (program, house):
        answer = await program.answers(house.http, "/health/ready", 503)
        assert "migrations are behind" in answer.text
        assert "identity-service db upgrade" in program.output
        assert "Traceback" not in program.output
        database = Database(DatabaseOptions(url=url))
        await Migrations(database).upgrade()
        await database.close()
        await program.answers(house.http, "/health/ready", 200)


async def test_a_database_newer_than_the_program_is_served_while_instances_are_replaced(
    database_url: str, tmp_path: Path
) -> None:
    container = build(settings_for(tmp_path, database_url=database_url))
    async with container.database().engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    await container.database().close()
    async with open_house(settings_for(tmp_path, database_url=database_url)) as house:
        assert (await house.http.get("/health/ready")).status_code == 200


async def test_a_wrong_master_key_keeps_the_server_from_being_ready(
    database_url: str, tmp_path: Path
) -> None:
    kept = settings_for(tmp_path, database_url=database_url, jwt_private_key=None)
    async with open_house(kept) as house, asyncio.timeout(20):
        while (await house.http.get("/health/ready")).status_code != 200:
            await asyncio.sleep(0.05)  # keys are made, and a machine may be busy
    other = settings_for(
        tmp_path, database_url=database_url, jwt_private_key=None, master_key=b64encode(b"b" * 32).decode()
    )
    async with open_house(other) as house:
        answer = await house.http.get("/health/ready")
        assert (answer.status_code, answer.json()["reasons"]) == (503, [f"keys: {WRONG_MASTER_KEY}"])


async def test_a_wrong_master_key_is_noticed_where_the_database_has_no_sealed_key(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(settings_for(tmp_path, database_url=database_url)) as house:
        client = await house.add_client()
        assert (await house.token(client, grant_type="client_credentials")).status_code == 200
    wrong = settings_for(tmp_path, database_url=database_url, master_key=b64encode(b"b" * 32).decode())
    async with open_house(wrong) as house:
        answer = await house.http.get("/health/ready")
        assert (answer.status_code, answer.json()["reasons"]) == (503, [f"keys: {WRONG_MASTER_KEY}"])
        assert (await house.token(client, grant_type="client_credentials")).status_code == 503
    async with open_house(settings_for(tmp_path, database_url=database_url)) as house, asyncio.timeout(60):
        while (await house.http.get("/health/ready")).status_code != 200:
            clear(house)
            await asyncio.sleep(0.05)
        assert (await house.token(client, grant_type="client_credentials")).status_code == 200


async def test_a_token_cannot_be_judged_before_the_keys_are_loaded(database_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, database_url=database_url)) as house:
        client = await house.add_client()
        token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
        await house.container.workers().stop()
        await house.container.liveness().close()  # both would load the keys again
        house.container.key_ring().verify_only(())
        answer = await house.post("/oauth2/introspect", client, token=token)
        assert answer.status_code == 503
        minted = await house.token(client, grant_type="client_credentials")
        assert (minted.status_code, minted.json()["error"]) == (503, "temporarily_unavailable")
