"""The PostgreSQL and the Redis of a measurement: those of the tests, durable, on the load's core."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.processes import Missing, pin
from tests.servers.databases import administer
from tests.servers.postgres import PostgresServer, prepared_binaries
from tests.servers.process import Home, ServerFailed
from tests.servers.redis import RedisServer

ROOM = (
    "ALTER SYSTEM SET shared_buffers = '1GB'",
    "ALTER SYSTEM SET max_wal_size = '8GB'",
    "ALTER SYSTEM SET wal_compression = 'on'",
)
"""What anybody gives a database of millions of rows; durability stays as it is by default."""


@dataclass(frozen=True, kw_only=True)
class Stores:
    """Running servers. Everything committed is on disk before it is answered (fsync, synchronous commit)."""

    postgres_url: str
    postgres_pid: int
    redis_url: str
    redis_pid: int

    def database(self, *, like: str = "") -> str:
        """The URL of a new database: empty, or a copy of the one at the URL `like`."""
        name, template = f"bench_{secrets.token_hex(6)}", like.rpartition("/")[2] or "template1"
        asyncio.run(administer(self.postgres_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return self.postgres_url.rpartition("/")[0] + f"/{name}"

    def drop(self, url: str) -> None:
        """Remove a database."""
        name = url.rpartition("/")[2]
        asyncio.run(administer(self.postgres_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


@contextmanager
def stores(core: int) -> Iterator[Stores]:
    """A PostgreSQL and a Redis on loopback, removed afterwards. Raises Missing."""
    try:
        home = Home()
    except ServerFailed as failed:
        raise Missing(str(failed)) from None
    with home_closed(home):
        try:
            postgres = PostgresServer(home, prepared_binaries(home), durable=True)
            postgres.process.start()
            asyncio.run(administer(postgres.url, *ROOM))
            postgres.process.stop()
            postgres.process.start()
            redis = RedisServer(home)
            redis.make_fresh()
        except ServerFailed as failed:
            raise Missing(str(failed)) from None
        try:
            pids = (postgres.process.pid or 0, redis.pid or 0)
            for pid in pids:
                pin(pid, core)
            yield Stores(
                postgres_url=postgres.url,
                postgres_pid=pids[0],
                redis_url=redis.url,
                redis_pid=pids[1],
            )
        finally:
            redis.close()
            postgres.process.stop()
            postgres.close()


@contextmanager
def home_closed(home: Home) -> Iterator[None]:
    """Removes the servers' files at the end."""
    try:
        yield
    finally:
        home.close()
