"""The servers of a test run serve root and ordinary users alike, and end with the run, however it ends."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.inner import ACCOUNTS, descendants, inner_pytest, is_running
from tests.servers.process import sweep

HOLDING = """
import asyncio, os, pathlib
import asyncpg, pytest
from redis.asyncio import Redis

@pytest.mark.parametrize("number", [1, 2])
async def test_holds_servers(postgres, own_postgres, redis_server, servers_home, desk, number):
    for server in (postgres, own_postgres):
        connection = await asyncpg.connect((await server.database(empty=True)).replace("+asyncpg", ""))
        port = await connection.fetchval("SELECT inet_server_port()")
        await connection.close()
        (pathlib.Path(os.environ["REPORT"]) / f"{type(server).__name__}-{number}").write_text(str(port))
    async with Redis.from_url(redis_server.url) as redis:
        assert await redis.ping()
    made = pathlib.Path(os.environ["REPORT"]) / f"holding-{number}"
    made.with_suffix(".new").write_text(f"{servers_home.path} {pathlib.Path(desk.path).parent}")
    made.with_suffix(".new").rename(made)
    if os.environ.get("HOLD"):
        await asyncio.Event().wait()
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may write to."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"not within a minute: {what}"
        time.sleep(0.01)


def test_the_folder_of_a_dead_run_is_swept_though_its_own_run_may_have_been_quicker(tmp_path: Path) -> None:
    dead = tmp_path / "dead"
    dead.mkdir()

    for _ in range(2):
        sweep(dead)
        assert not dead.exists()


@pytest.mark.all
def test_a_run_of_two_workers_removes_all_it_has_made(open_folder: Path) -> None:
    test_file = open_folder / "test_holding.py"
    test_file.write_text(HOLDING)
    inner = inner_pytest(test_file, "-n", "2", account=ACCOUNTS[-1], report=open_folder)
    output, _ = inner.communicate()
    assert inner.returncode == 0, output
    assert "2 passed" in output.splitlines()[-1]
    assert not any(home.exists() for home in homes(open_folder))


@pytest.mark.all
@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_killed_run_leaves_no_server_and_the_next_one_sweeps_its_folders(
    open_folder: Path, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLD", "1")
    test_file = open_folder / "test_holding.py"
    test_file.write_text(HOLDING)
    inner = inner_pytest(test_file, "-n", "2", account=account, report=open_folder)
    reports = [open_folder / f"holding-{number}" for number in (1, 2)]
    until(
        lambda: all(path.exists() for path in reports) or inner.poll() is not None, "both tests hold servers"
    )
    assert inner.poll() is None, inner.communicate()[0]
    until(
        lambda: list(descendants(inner.pid).values()).count("redis-server") == 2,
        "each worker has a Redis of its own",
    )
    started = descendants(inner.pid)
    shared, own = ports(open_folder, "Databases"), ports(open_folder, "OwnPostgres")
    assert len(set(shared)) == 1
    assert len({*shared, *own}) == 3
    assert list(started.values()).count("postgres") > 3

    for pid in (inner.pid, *(pid for pid, name in started.items() if name.startswith("python"))):
        os.kill(pid, signal.SIGKILL)
    output, _ = inner.communicate()
    assert inner.returncode == -signal.SIGKILL, output
    until(lambda: not any(is_running(*process) for process in started.items()), f"{started} are gone")

    left = homes(open_folder)
    assert all(home.exists() for home in left)
    monkeypatch.delenv("HOLD")
    next_file = open_folder / "test_next.py"
    next_file.write_text("def test_needs_no_server(): assert True")
    next_run = inner_pytest(next_file, account=account)
    output, _ = next_run.communicate()
    assert next_run.returncode == 0, output
    assert not any(home.exists() for home in left)


def ports(report: Path, kind: str) -> list[str]:
    return [(report / f"{kind}-{number}").read_text() for number in (1, 2)]


def homes(report: Path) -> list[Path]:
    """The folders of both workers and of the desk."""
    found = {Path(line) for number in (1, 2) for line in (report / f"holding-{number}").read_text().split()}
    assert len(found) == 3
    return sorted(found)
