"""What breaks during a run, drawn from random numbers of its own: connections, processes, Redis, slow writers."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from random import Random
from urllib.parse import urlsplit

import asyncpg

from identity_service.domain.entities.event import UserDeactivated
from identity_service.domain.value_objects.ids import UserId
from tests.model.caller import Caller
from tests.model.history import DONE, EVERYWHERE, Fault
from tests.model.town import Server, Town
from tests.model.wire import Line
from tests.model.world import Held, Person, World
from tests.servers.proxy import Direction, TcpProxy

BREAKS = ("cut", "swallow", "hold", "delay", "reset", "hold_one", "hold_one", "reset_one")
SHORTEST, LONGEST = 0.3, 2.5
"""Seconds that something stays broken."""
CALM = 1.5
"""Seconds without a fault in which every server certainly learns of a new key."""
DIRECTIONS: tuple[Direction, ...] = ("both", "to_server", "to_client")


class Faults:
    """Breaks one thing after the other, sometimes two at once, and mends them."""

    def __init__(self, town: Town, world: World, rng: Random) -> None:
        self._town = town
        self._world = world
        self._rng = rng
        self._next_key = False

    async def one(self) -> None:
        """Some fault, from its beginning to its end."""
        kinds: tuple[tuple[Callable[[], Awaitable[None]], int], ...] = (
            (self._database, 6),
            (self._redis_of_one, 4),
            (self._cut_off_from_redis_only, 1),
            (self._cut_off_from_everything, 4),
            (self._process, 4),
            (self._redis, 3),
            (self._foreign_transaction, 2),
            (self._late_writer, 5),
        )
        fault = self._rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
        await fault()

    async def revoke_everything(self) -> None:
        """At the command line."""
        call = self._world.begin("revoke_everything", "cli", {})
        await self._town.cli("token", "revoke", "--everything", "--yes")
        call.answered, call.outcome = time.monotonic(), DONE
        self._world.end(lambda held: True)
        self._world.administrator = None

    async def rotate_keys(self) -> None:
        """At the command line: a key is published, seen by everybody in a calm while, and put to use."""
        if not self._next_key:
            await self._town.cli("keys", "generate")
            self._next_key = True
        await asyncio.sleep(CALM)
        call = self._world.begin("rotate_keys", "cli", {})
        await self._town.cli("keys", "rotate", "--now")
        call.answered, call.outcome = time.monotonic(), DONE
        self._next_key = False

    async def _database(self) -> None:
        server = self._some_server()
        await self._break(server.database, f"database {{}} of server {server.name}", server.name)

    async def _redis_of_one(self) -> None:
        server = self._some_server()
        await self._break(server.redis, f"redis {{}} of server {server.name}", server.name)

    async def _cut_off_from_redis_only(self) -> None:
        """While everybody else has it: endings reach this one by the database alone."""
        server = self._some_server()
        async with self._during(f"redis cut of server {server.name}", server.name):
            server.redis.cut()
            await self._a_while(2)
        await server.redis.heal()

    async def _cut_off_from_everything(self) -> None:
        """Nothing tells this server what ends; it has to notice that by itself."""
        server = self._some_server()
        async with self._during(f"database and redis cut of server {server.name}", server.name):
            server.database.cut()
            server.redis.cut()
            await asyncio.sleep(self._rng.uniform(1.2, 3.0))
            await self._ask_at((server,), self._world.lately_ended(12))
            await server.redis.heal()
            await server.database.heal()

    async def _process(self) -> None:
        """While it stands still, requests arrive that it answers when it goes on."""
        server = self._some_server()
        async with self._during("process stopped", server.name):
            os.killpg(server.program.pid, signal.SIGSTOP)
            try:
                await self._a_while()
                asked = [asyncio.create_task(self._ask(server, held)) for held in self._world.lately_ended(6)]
                await asyncio.sleep(0.02)
            finally:
                os.killpg(server.program.pid, signal.SIGCONT)
            await asyncio.gather(*asked)

    async def _ask(self, server: Server, held: Held) -> None:
        client = held.client if held.name.startswith("refresh") else self._world.clients["resource"]
        with self._caller(server) as caller:
            await caller.introspect(held.name, held.text, client)

    async def _sign_in(self, server: Server, person: Person) -> None:
        with self._caller(server) as caller:
            await caller.sign_in(self._world.clients["quiet"], person)

    @contextmanager
    def _caller(self, server: Server) -> Iterator[Caller]:
        line = Line(server.program.port)
        yield Caller(self._world, line, server.name, sticky="late" if server.program.workers > 1 else "")
        line.close()

    async def _redis(self) -> None:
        kind = self._rng.choice(("paused", "killed", "restarted"))
        redis = self._town.redis
        async with self._during(f"redis {kind}", EVERYWHERE):
            if kind == "paused":
                redis.pause()
            elif kind == "killed":
                await asyncio.to_thread(redis.kill)
            else:
                await redis.stop()
            await self._a_while()
            redis.resume()
            await redis.start()

    async def _foreign_transaction(self) -> None:
        """A transaction of somebody else that stays open holds back the xmin of every snapshot."""
        parts = urlsplit(self._town.database_url)
        connection = await asyncpg.connect(parts._replace(scheme="postgresql").geturl())
        try:
            async with (
                self._during("a foreign transaction stays open", EVERYWHERE),
                connection.transaction(),
            ):
                await connection.execute("SELECT pg_current_xact_id()")
                await self._a_while(2)
        finally:
            await connection.close()

    async def _late_writer(self) -> None:
        """A deactivation that takes its place in the feed at once, and commits when others have long come after it.

        It ends tokens of a client that is left alone: nothing else makes a server look at them anew meanwhile.
        """
        at_rest = [person for person in self._world.people.values() if person.active and not person.busy]
        if not at_rest:
            return
        person = self._rng.choice(at_rest)
        person.busy = True
        try:
            await self._sign_in(self._some_server(), person)
            known = [held for held in self._world.access if held.person is person][-2:]
            await self._ask_at(self._town.servers, known)
            call = self._world.begin("deactivate_user", "foreign", {"user": person.name})
            async with self._town.desk.container.begin() as uow:
                await uow.users.change(UserId(person.id), {"active": False}, version=None, raise_epoch=True)
                uow.events.add(UserDeactivated(by="cli", user_id=person.id))
                await uow.events.write()
                await asyncio.sleep(self._rng.uniform(0.3, 0.9))
                await uow._session.commit()
            call.answered, call.outcome = time.monotonic(), DONE
            person.active, person.changed = False, time.monotonic()
            self._world.end(lambda held: held.person is person)
            await asyncio.sleep(self._rng.uniform(1.02, 1.3))
            await self._ask_at(self._town.servers, known)
        finally:
            person.busy = False

    async def _ask_at(self, servers: Sequence[Server], known: list[Held]) -> None:
        await asyncio.gather(*(self._ask(server, held) for server in servers for held in known))

    async def _break(self, proxy: TcpProxy, kind: str, where: str) -> None:
        how, direction = self._rng.choice(BREAKS), self._rng.choice(DIRECTIONS)
        async with self._during(kind.format(how), where):
            if how == "delay":
                proxy.delay = self._rng.uniform(0.02, 0.4)
            elif how in ("swallow", "hold"):
                getattr(proxy, how)(direction)
            elif how in ("hold_one", "reset_one"):
                getattr(proxy, how)(self._rng.randrange(10))
            else:
                getattr(proxy, how)()
            await self._a_while()
            await proxy.heal()

    @asynccontextmanager
    async def _during(self, kind: str, where: str) -> AsyncIterator[Fault]:
        fault = self._world.fault(kind, where)
        try:
            yield fault
        finally:
            fault.end = time.monotonic()

    async def _a_while(self, times: float = 1.0) -> None:
        await asyncio.sleep(times * self._rng.uniform(SHORTEST, LONGEST))

    def _some_server(self) -> Server:
        return self._rng.choice(list(self._town.servers))
