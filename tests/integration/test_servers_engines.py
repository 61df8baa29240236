"""The engines of the tests are found in the order that is promised, and what is missing is said in one line."""

from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from tests.servers import engines
from tests.servers.engines import postgres_binaries, redis_binaries
from tests.servers.inner import inner_pytest
from tests.servers.postgres import OwnPostgres
from tests.servers.process import Home, ServerFailed
from tests.servers.redis import RedisServer, redis_for_worker

PROGRAMS = {"postgres": "postgres (PostgreSQL) {}.4 (Debian)", "redis-server": "Redis server v={}.0.15 sha=0"}
FINDERS = {"postgres": postgres_binaries, "redis-server": redis_binaries}
VARIABLES = {"postgres": "TEST_POSTGRES_BIN", "redis-server": "TEST_REDIS_BIN"}
each_program = pytest.mark.parametrize("program", PROGRAMS)


def installed(folder: Path, program: str, version: int) -> Path:
    folder.mkdir(parents=True)
    (folder / program).write_text(f"#!/bin/sh\necho '{PROGRAMS[program].format(version)}'\n")
    (folder / program).chmod(0o755)
    return folder


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_in_wheel", lambda package, folder: None)


@each_program
def test_the_wheel_of_the_test_lock_is_taken_by_default(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLES[program], raising=False)
    assert "site-packages" in FINDERS[program]().parts
    assert (FINDERS[program]() / program).is_file()


@each_program
def test_a_named_folder_comes_before_the_wheel(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLES[program], str(installed(tmp_path / "bin", program, 1)))
    assert FINDERS[program]() == tmp_path / "bin"


@each_program
def test_a_named_folder_without_the_program_is_refused(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLES[program], str(tmp_path))
    with pytest.raises(ServerFailed, match=f"{VARIABLES[program]}=.*: no {program} there"):
        FINDERS[program]()


@each_program
@pytest.mark.usefixtures("no_wheels")
def test_without_a_wheel_the_one_of_the_system_is_taken(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLES[program], raising=False)
    monkeypatch.setenv("PATH", str(installed(tmp_path / "new", program, 99)))
    assert FINDERS[program]() == tmp_path / "new"


@pytest.mark.usefixtures("no_wheels")
def test_without_any_the_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_REDIS_BIN", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerFailed, match=r"No Redis for the tests: .*install Redis 7 or newer"):
        redis_binaries()


@pytest.mark.usefixtures("no_wheels")
def test_one_that_is_too_old_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_REDIS_BIN", raising=False)
    monkeypatch.setenv("PATH", str(installed(tmp_path / "old", "redis-server", 6)))
    with pytest.raises(ServerFailed, match="No Redis for the tests"):
        redis_binaries()


@pytest.mark.all
async def test_a_named_running_postgres_is_used_and_left_as_it_was(
    own_postgres: OwnPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await own_postgres.database(empty=True)
    monkeypatch.setenv("TEST_DATABASE_URL", url)
    test_file = tmp_path / "test_there.py"
    test_file.write_text(
        "async def test_there(postgres):\n"
        f"    assert ':{own_postgres.port}/' in await postgres.database()\n"
        f"    assert ':{own_postgres.port}/' in await postgres.database(empty=True)\n"
    )
    inner = inner_pytest(test_file)
    output, _ = inner.communicate()
    assert inner.returncode == 0, output
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    left = await connection.fetch("SELECT datname FROM pg_database WHERE datname ~ '^(test|template)_'")
    await connection.close()
    assert [row["datname"] for row in left] == [url.rpartition("/")[2]]


async def test_a_named_running_redis_is_used_with_a_database_for_each_worker(
    redis_server: RedisServer, servers_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_REDIS_URL", redis_server.url.removesuffix("/0") + "/3")
    alone, second = redis_for_worker(servers_home, "master"), redis_for_worker(servers_home, "gw1")
    async with Redis.from_url(alone.url) as one, Redis.from_url(second.url) as other:
        await one.set("mine", "1")
        await other.set("yours", "1")
        alone.make_fresh()
        assert await one.dbsize() == 0
        assert await other.dbsize() == 1
    for stop in (alone.kill, alone.pause, alone.resume):
        with pytest.raises(ServerFailed, match="TEST_REDIS_URL is not ours to stop"):
            stop()
    alone.close()
    async with Redis.from_url(alone.url) as one:
        assert await one.ping()
