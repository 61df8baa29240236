"""Decides how a Redis for the tests is made: one a worker process, emptied before each test that uses it."""

import os
import signal
import socket
from urllib.parse import urlsplit

from tests.servers.engines import redis_binaries
from tests.servers.process import Home, Recipe, ServerFailed, ServerProcess, free_port, own_account

PATIENCE = 10.0
"""Seconds: however busy the machine is, Redis is not taken for away."""


class RedisServer:
    """A Redis on a loopback port that keeps nothing on disk, and may be stopped, frozen and started again.

    With TEST_REDIS_URL it is a server that was there before: its database is emptied, it cannot be stopped.
    """

    def __init__(self, home: Home, url: str | None = None) -> None:
        """Make it ready to start.

        Args:
            home: where its log goes.
            url: a running server to use instead.
        """
        self._process: ServerProcess | None = None
        if url is not None:
            self.url = url
        else:
            port = free_port()
            self.url = f"redis://127.0.0.1:{port}/0"
            self._process = _process(home, port)
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 6379

    @property
    def pid(self) -> int | None:
        """The process id while a server of ours runs, else None."""
        return None if self._process is None else self._process.pid

    def make_fresh(self) -> None:
        """Running, answering and empty, whatever the last test did to it."""
        if self._process is not None:
            self._process.resume()
            self._process.start()
        from redis import Redis  # here, because it takes 0.2 s and most runs of a single file need no Redis

        with Redis.from_url(self.url) as connection:
            connection.flushdb()

    async def start(self) -> None:
        """Start it again on the same port, empty."""
        await self._own.start_soon()

    async def stop(self) -> None:
        """Shut it down; connections are cut and new ones refused."""
        await self._own.stop_soon()

    def kill(self) -> None:
        """`kill -9`."""
        self._own.kill()

    def pause(self) -> None:
        """Freeze it: it accepts connections and answers nothing."""
        self._own.pause()

    def resume(self) -> None:
        """Thaw it."""
        self._own.resume()

    def close(self) -> None:
        """Stop it for good."""
        if self._process is not None:
            self._process.kill()

    @property
    def _own(self) -> ServerProcess:
        if self._process is None:
            raise ServerFailed(
                "the server named in TEST_REDIS_URL is not ours to stop: unset it for this test"
            )
        return self._process


def redis_for_worker(home: Home, worker: str) -> RedisServer:
    """The Redis of one worker process.

    Args:
        home: where its log goes.
        worker: xdist's name of the worker (`gw0` …) or `master`; on a server named in TEST_REDIS_URL each
            has a database of its own, counted from the one in the URL.
    """
    named = os.environ.get("TEST_REDIS_URL")
    if not named:
        return RedisServer(home)
    parts = urlsplit(named)
    number = int(parts.path.strip("/") or 0) + int(
        worker.removeprefix("gw") if worker.startswith("gw") else 0
    )
    return RedisServer(home, parts._replace(path=f"/{number}").geturl())


def _process(home: Home, port: int) -> ServerProcess:
    account = own_account()
    folder = home.folder("redis", account)

    def is_ready() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(5) == b"+PONG"
        except OSError:
            return False

    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "hz": "100",
    }
    return ServerProcess(
        Recipe(
            name="Redis",
            command=(
                redis_binaries() / "redis-server",
                *(a for name in settings for a in (f"--{name}", settings[name])),
            ),
            account=account,
            home=folder,
            log=home.path / f"{folder.name}.log",
            is_ready=is_ready,
            stop=signal.SIGTERM,
            orphaned=signal.SIGKILL,  # reaches a frozen one too
        )
    )
