"""The promise of ended tokens across processes: whatever fails, a request sent more than a second after an ending was
answered sees the token ended, in every process; and the process that served the ending sees it at once.

These tests wait: the second is the promise itself.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.container import build
from tests.house import PASSWORD, House, Registered
from tests.server_process import environment, run_module, uvicorn
from tests.servers.databases import Databases
from tests.servers.process import Home, ServerProcess
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer

Proxied = Callable[[str], Awaitable[TcpProxy]]
AWAY = 503


@dataclass
class Server:
    """One server process and a client of it."""

    process: ServerProcess
    http: httpx2.AsyncClient

    async def says(self, client: Registered, token: str) -> bool | int:
        """Whether introspection calls the token active; the status where it does not answer."""
        answer = await self.http.post("/oauth2/introspect", data={"token": token}, auth=client.basic)
        return bool(answer.json()["active"]) if answer.status_code == 200 else answer.status_code

    async def says_at_last(self, client: Registered, token: str) -> bool | int:
        """What it says once it can say anything."""
        async with asyncio.timeout(15):
            while (told := await self.says(client, token)) == AWAY:
                pass
        return told

    async def revoke(self, client: Registered, token: str) -> None:
        answer = await self.http.post("/oauth2/revoke", data={"token": token}, auth=client.basic)
        assert answer.status_code == 200, answer.text

    async def sign_in(self, client: Registered, username: str = "alice") -> dict[str, Any]:
        form = {"grant_type": "password", "username": username, "password": PASSWORD}
        answer = await self.http.post("/oauth2/token", data=form, auth=client.basic)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


class Town:
    """Several servers on one database, and the desk from which a test fills that database."""

    def __init__(self, home: Home, database_url: str, folder: Path) -> None:
        self._home = home
        self._database_url = database_url
        self._folder = folder
        self.servers: list[Server] = []
        variables = environment(database_url, folder)
        settings = Settings(_env_file=None, **{name.lower(): value for name, value in variables.items()})
        self._container = build(settings)
        self.desk = House(self._container, None, None)  # type: ignore[arg-type]  # it serves nobody

    async def add(self, *, database_url: str | None = None, **settings: str) -> Server:
        """One more server, running."""
        variables = environment(database_url or self._database_url, self._folder, **settings)
        process, address = uvicorn(self._home, variables)
        await process.start_soon()
        server = Server(process, httpx2.AsyncClient(base_url=address, timeout=20))
        self.servers.append(server)
        return server

    async def third_process(self, *arguments: str) -> None:
        """What the command line does, in a process of its own."""
        variables = environment(self._database_url, self._folder)
        await run_module("tests.third_process", *arguments, variables=variables)

    async def close(self) -> None:
        for server in self.servers:
            await server.http.aclose()
            await server.process.stop_soon()
        await self._container.database().close()


on_each = pytest.mark.parametrize("storage", [pytest.param("sqlite", marks=pytest.mark.all), "postgres"])
"""Several processes on one SQLite file are tried with `--all`: between processes the feed is the same table."""


@pytest.fixture
async def town(servers_home: Home, database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    made = Town(servers_home, database_url, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def postgres_town(servers_home: Home, postgres: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    made = Town(servers_home, await postgres.database(), tmp_path)
    yield made
    await made.close()


async def the_promised_second() -> None:
    await asyncio.sleep(1.02)


async def remembered(server: Server, client: Registered, *tokens: str) -> None:
    """Every token is alive there, and its answer has been given more than once."""
    for token in tokens:
        assert [await server.says(client, token) for _ in range(3)] == [True] * 3


async def ends(one: Server, other: Server, client: Registered) -> None:
    """Sign in, let both processes remember, revoke in one of them: it knows at once, the other after a second."""
    token = (await one.sign_in(client))["access_token"]
    await remembered(one, client, token)
    await remembered(other, client, token)
    await one.revoke(client, token)
    assert await one.says(client, token) is False
    await the_promised_second()
    assert await other.says(client, token) is False


@on_each
async def test_an_ending_in_one_process_is_seen_there_at_once_and_within_a_second_in_the_others(
    town: Town,
) -> None:
    client = await town.desk.add_client()
    await town.desk.add_user()
    one, other = await town.add(), await town.add()

    await ends(one, other, client)
    await ends(other, one, client)
    await ends_with_its_family(one, other, client)


async def ends_with_its_family(one: Server, other: Server, client: Registered) -> None:
    """Every token of a family ends everywhere with its refresh token, and no other token does."""
    tokens, unrelated = await one.sign_in(client), await one.sign_in(client)
    await remembered(other, client, tokens["access_token"], unrelated["access_token"])
    await one.revoke(client, tokens["refresh_token"])
    await the_promised_second()

    assert await other.says(client, tokens["access_token"]) is False
    assert await other.says(client, tokens["refresh_token"]) is False
    assert await other.says(client, unrelated["access_token"]) is True


@pytest.mark.all
@on_each
async def test_what_a_third_process_ends_is_ended_in_every_server(town: Town) -> None:
    asking, ended = await town.desk.add_client(resource_server=True), await town.desk.add_client()
    for_all = await town.desk.add_client()
    people = {name: await town.desk.add_user(name) for name in ("alice", "bob", "carol")}
    one, other = await town.add(), await town.add()
    signed_in = {name: (await one.sign_in(for_all, name))["access_token"] for name in people}
    through_ended = (await one.sign_in(ended, "carol"))["access_token"]
    for server in (one, other):
        await remembered(server, for_all, *signed_in.values())
        await remembered(server, ended, through_ended)
    await town.third_process(
        *("deactivate-user", people["alice"].id),
        *("change-password", people["bob"].id),
        *("deactivate-client", ended.id),
    )
    await the_promised_second()
    for server in (one, other):
        told = {name: await server.says(for_all, token) for name, token in signed_in.items()}
        assert told == {"alice": False, "bob": False, "carol": True}
        assert await server.says(ended, through_ended) == 401
    await town.third_process("revoke-everything", "-")
    await the_promised_second()

    for server in (one, other):
        assert await server.says(for_all, signed_in["carol"]) is False
    assert await one.says(asking, signed_in["carol"]) is False


@pytest.mark.all  # twelve seconds of waiting; the short history of tests/model pauses Redis, too
async def test_redis_may_be_there_hang_stop_and_come_back(
    postgres_town: Town, redis_server: RedisServer, tcp_proxy: Proxied
) -> None:
    client = await postgres_town.desk.add_client()
    await postgres_town.desk.add_user()
    proxy = await tcp_proxy(redis_server.url)
    one = await postgres_town.add(REDIS_URL=redis_server.url)
    other = await postgres_town.add(REDIS_URL=proxy.url)

    await ends(one, other, client)
    proxy.swallow()
    await ends(one, other, client)
    await ends(other, one, client)
    late = await postgres_town.add(REDIS_URL=proxy.url)  # starts while Redis hangs
    await ends(one, late, client)
    await proxy.heal()
    await redis_server.stop()
    await ends(one, other, client)
    await redis_server.start()
    await ends(other, one, client)
    redis_server.pause()
    await ends(one, other, client)


@pytest.mark.all
async def test_a_process_cut_off_from_the_database_answers_nothing_that_may_be_wrong_and_comes_back(
    postgres_town: Town, tcp_proxy: Proxied
) -> None:
    client = await postgres_town.desk.add_client()
    await postgres_town.desk.add_user()
    proxy = await tcp_proxy(postgres_town._database_url)
    one, other = await postgres_town.add(), await postgres_town.add(database_url=proxy.url)
    for break_it in (proxy.cut, proxy.swallow, proxy.hold):
        token = (await one.sign_in(client))["access_token"]
        await remembered(other, client, token)
        break_it()
        await one.revoke(client, token)
        await the_promised_second()
        assert await other.says(client, token) == AWAY
        await proxy.heal()
        assert await other.says_at_last(client, token) is False
        await ends(one, other, client)


@pytest.mark.all
async def test_a_process_that_was_stopped_for_a_while_does_not_answer_from_memory(
    postgres_town: Town,
) -> None:
    client = await postgres_town.desk.add_client()
    await postgres_town.desk.add_user()
    one, other = await postgres_town.add(), await postgres_town.add()
    for _ in range(2):
        token = (await one.sign_in(client))["access_token"]
        await remembered(other, client, token)
        other.process.pause()
        await one.revoke(client, token)
        await the_promised_second()
        asked = asyncio.ensure_future(other.says(client, token))
        await asyncio.sleep(0)  # the request is on its way to a process that stands still
        other.process.resume()

        assert await asked is False


@pytest.mark.all
async def test_a_process_may_prefer_old_answers_while_the_database_is_away(
    postgres_town: Town, tcp_proxy: Proxied
) -> None:
    """STALE_WHILE_DATABASE_AWAY_SECONDS: the operator's choice, and only for what was remembered."""
    client = await postgres_town.desk.add_client()
    await postgres_town.desk.add_user()
    proxy = await tcp_proxy(postgres_town._database_url)
    one = await postgres_town.add()
    other = await postgres_town.add(database_url=proxy.url, STALE_WHILE_DATABASE_AWAY_SECONDS="30")
    known, unknown = [(await one.sign_in(client))["access_token"] for _ in range(2)]
    await remembered(other, client, known)
    proxy.cut()
    await the_promised_second()

    assert await other.says(client, known) is True
    assert await other.says(client, unknown) == AWAY
