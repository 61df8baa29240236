"""Decides which tests a run holds, and hands out the real servers of tests/servers."""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.servers.databases import Databases, UsedAgain
from tests.servers.desk import SERVER, TEMPLATE, Address, Desk
from tests.servers.postgres import OwnPostgres, PostgresServer, prepared_binaries
from tests.servers.process import Home, ServerFailed
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer, redis_for_worker

pytest_plugins = ("tests.fixtures", "tests.browser.fixtures", "tests.wycheproof")

ONLY_WITH_ALL = ("all", "system")
HERE = Path(__file__).parent
THE_WIRE = tuple(
    HERE / name
    for name in (
        "protocol",
        "docs",
        "integration/cli",
        "integration/test_remembered_answers.py",
        "integration/test_log_holds_no_secret.py",
        "integration/test_audit_hostile_owner.py",
        "integration/test_audit_removal.py",
    )
)
WHOLLY_LONG = tuple(HERE / name for name in ("browser", "interop"))
EXAMPLES, MANY_EXAMPLES = 40, 100
"""Of a property that does not say how many; none has a time limit of its own, which a busy machine would break."""
DESK = pytest.StashKey[Desk]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all`, which scripts/test passes on."""
    parser.addoption("--all", action="store_true", help="run the tests marked `all` and `system` too")


def pytest_configure(config: pytest.Config) -> None:
    """One desk for the run, in the process that controls it; xdist's workers are told its address."""
    examples = MANY_EXAMPLES if config.getoption("--all") else EXAMPLES
    settings.register_profile("ours", deadline=None, max_examples=examples)
    settings.load_profile("ours")
    if not hasattr(config, "workerinput"):
        config.stash[DESK] = Desk()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the desk is."""
    address = node.config.stash[DESK].address
    node.workerinput["desk"] = (address.path, address.key)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the desk has started."""
    if (desk := config.stash.get(DESK, None)) is not None:
        desk.close()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without `--all`, do not even import what drives a browser and what other people's clients are driven with."""
    return True if collection_path in WHOLLY_LONG and not config.getoption("--all") else None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what a run leaves out."""
    names = ", ".join(f"tests/{folder.name}" for folder in WHOLLY_LONG)
    return None if config.getoption("--all") else f"left out without --all: the long forms, {names}"


def pytest_collection_finish() -> None:
    """What was collected stays for the whole run: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, without `--all`, what only `--all` runs: deselected, not skipped."""
    if config.getoption("--all"):
        return
    left_out = [item for item in items if _is_long(item) or _is_the_wire_again(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ONLY_WITH_ALL)


def _is_the_wire_again(item: pytest.Item) -> bool:
    """What clients and operators see is the same on both storages as long as tests/contract holds them to the same."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return (
        parameters.get("storage") == "postgres"
        and any(map(item.path.is_relative_to, THE_WIRE))
        and item.get_closest_marker("every_storage") is None
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A server that is not to be had is told in its one line, without a traceback."""
    report = yield
    if call.excinfo is not None and call.excinfo.errisinstance(ServerFailed):
        report.longrepr = str(call.excinfo.value)
    return report


@pytest.fixture(scope="session")
def desk(request: pytest.FixtureRequest) -> Address:
    """Where the run's shared PostgreSQL is to be asked for."""
    workerinput = getattr(request.config, "workerinput", None)
    return request.config.stash[DESK].address if workerinput is None else Address(*workerinput["desk"])


@pytest.fixture(scope="session")
def servers_home() -> Iterator[Home]:
    """The temporary folder of the servers that belong to this process alone."""
    home = Home()
    yield home
    home.close()


@pytest.fixture(scope="session")
def used_again(desk: Address) -> Iterator[UsedAgain]:
    """Databases on the run's PostgreSQL that this process has used before."""
    used = UsedAgain(desk.ask(SERVER))
    yield used
    asyncio.run(used.drop())


@pytest.fixture(scope="session")
def template(desk: Address) -> Callable[[], Awaitable[str]]:
    """`await template()` is the name of the run's template, made when the first asks for it."""
    known: list[str] = []

    async def ask() -> str:
        if not known:
            known.append(desk.ask(TEMPLATE))
        return known[0]

    return ask


@pytest.fixture
async def postgres(template: Callable[[], Awaitable[str]], used_again: UsedAgain) -> AsyncIterator[Databases]:
    """The run's PostgreSQL: `await postgres.database()` is the URL of a database of this test's own, without rows."""
    databases = Databases(used_again.server_url, template, used_again)
    yield databases
    await databases.drop()


@pytest.fixture
async def own_postgres(servers_home: Home, postgres_binaries: Path) -> AsyncIterator[OwnPostgres]:
    """A durable PostgreSQL for this test alone, running; it may be stopped, killed and started again."""
    server = PostgresServer(servers_home, postgres_binaries, durable=True)
    await server.process.start_soon()
    yield OwnPostgres(server)
    server.close()


@pytest.fixture(scope="session")
def postgres_binaries(servers_home: Home) -> Path:
    """The folder of a `postgres` and an `initdb` that can be run."""
    return prepared_binaries(servers_home)


@pytest.fixture(scope="session")
def worker_redis(servers_home: Home, worker_id: str) -> Iterator[RedisServer]:
    """The Redis of this worker process."""
    server = redis_for_worker(servers_home, worker_id)
    yield server
    server.close()


@pytest.fixture
def redis_server(worker_redis: RedisServer) -> RedisServer:
    """This worker's Redis: running and empty; it may be stopped, frozen and started again."""
    worker_redis.make_fresh()
    return worker_redis


@pytest.fixture
async def tcp_proxy() -> AsyncIterator[Callable[[str], Awaitable[TcpProxy]]]:
    """`await tcp_proxy(url)` is a running proxy in front of the URL's host and port; any number of them."""
    proxies: list[TcpProxy] = []

    async def make(url: str) -> TcpProxy:
        proxy = TcpProxy(url)
        proxies.append(proxy)
        await proxy.start()
        return proxy

    yield make
    for proxy in proxies:
        await proxy.close()


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """`tool("buildah")` is the path of a program of the system; a test that misses it fails."""

    def find(name: str) -> Path:
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin")  # where users need not look
        if found is None:
            pytest.fail(f"{name} is missing: run `sh scripts/ci-packages`", pytrace=False)
        return Path(found)

    return find
