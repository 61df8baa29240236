"""Three real servers on one PostgreSQL and one Redis, each behind proxies of its own, and who lives there."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.house import ISSUER, PASSWORD, House
from tests.model.world import Person, Program, World, new_world
from tests.running import Program as ServerProgram
from tests.running import environment, house_of
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer

PEOPLE = 32
GRACES: dict[str, float] = {"client-1": 2, "client-2": 0, "client-3": 10}
"""Seconds for which each client's spent refresh tokens are answered again."""
SHORT_LIFE = 8
"""Seconds that the third client's access tokens live."""

SETTINGS = {
    "RATE_LIMITS": "off",
    "BCRYPT_COST": "4",
    "DATABASE_CONNECT_TIMEOUT_SECONDS": "3",
    "DATABASE_STATEMENT_TIMEOUT_SECONDS": "3",
    "DATABASE_POOL_TIMEOUT_SECONDS": "4",
}
PECULIAR: tuple[dict[str, str], ...] = ({}, {"ENDED_WINDOW_TAGS": "1000"}, {"CACHED_TOKENS": "60"})
"""What each server has of its own: a window that overflows, a cache that does."""


@dataclass
class Server:
    """One server, and the two proxies that it reaches database and Redis through."""

    name: str
    program: ServerProgram
    database: TcpProxy
    redis: TcpProxy


class Town:
    """The servers, what stands behind them, and a desk that writes to the database directly."""

    def __init__(self, servers: Sequence[Server], redis: RedisServer, desk: House, database_url: str) -> None:
        self.servers = servers
        self.redis = redis
        self.desk = desk
        self.database_url = database_url

    async def cli(self, *arguments: str) -> None:
        """A command of the command line, in a process of its own, which no proxy stands before."""
        program = self.servers[0].program
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "identity_service.cli", *arguments),
            env={**program.settings, "DATABASE_URL": self.database_url, "PYTHONPATH": _checkout()},
            cwd=program.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed.decode()


@asynccontextmanager
async def a_town(
    folder: Path, database_url: str, redis: RedisServer, *, workers: Sequence[int], defect: str = ""
) -> AsyncIterator[Town]:
    """Servers, running and ready; as many as `workers` has numbers of worker processes. `defect`: see `broken.py`."""
    async with AsyncExitStack() as stack:
        servers = []
        for number, of_workers in enumerate(workers):
            database, cache = [await _proxy(stack, url) for url in (database_url, redis.url)]
            settings = environment(folder, database.url, REDIS_URL=cache.url)
            del settings["JWT_PRIVATE_KEY"]  # or keys could not be rotated
            program = ServerProgram(folder, {**settings, **SETTINGS, **PECULIAR[number]}, workers=of_workers)
            if defect:
                program.command = (sys.executable, "-m", "tests.model.broken", defect, str(program.port))
            stack.callback(program.kill)
            program.start()
            servers.append(Server(str(number + 1), program, database, cache))
        for server in servers:
            async with httpx2.AsyncClient(base_url=server.program.url, timeout=20) as http:
                await server.program.answers(http, "/health/ready", 200)
        desk = await stack.enter_async_context(house_of(servers[0].program, database_url))
        yield Town(servers, redis, desk, database_url)


async def populated(town: Town, *, people: int = PEOPLE) -> World:
    """Its people and clients."""
    persons = []
    for number in range(people):
        user = await town.desk.add_user(f"person-{number}")
        persons.append(Person(f"person-{number}", user.id, f"person-{number}", PASSWORD))
    clients = []
    for name, members in _clients().items():
        registered = await town.desk.add_client(**members)
        clients.append(Program(name, registered.id, registered.secret))
    return new_world(persons, clients, GRACES)


def _clients() -> dict[str, dict[str, Any]]:
    own: dict[str, dict[str, Any]] = {
        name: {"scope": "read write account", "refresh_reuse_grace": int(grace)}
        for name, grace in GRACES.items()
    }
    own["client-3"]["access_token_ttl"] = SHORT_LIFE
    return {
        **own,
        "resource": {"resource_server": True, "audiences": frozenset({ISSUER}), "grants": ()},
        "quiet": {"scope": "read write account", "refresh_reuse_grace": 0},
        "stranger": {},
        "administrator": {"grants": ("client_credentials",), "scope": "admin"},
    }


async def _proxy(stack: AsyncExitStack, url: str) -> TcpProxy:
    proxy = TcpProxy(url)
    stack.push_async_callback(proxy.close)
    await proxy.start()
    return proxy


def _checkout() -> str:
    return str(Path(__file__).resolve().parents[2])
