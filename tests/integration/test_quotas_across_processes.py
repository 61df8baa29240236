"""Quotas of two applications that share a Redis: exact together, and never without a limit when it is away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.house import House, Registered, open_house, settings_for
from tests.migrated import copy_of
from tests.servers.proxy import TcpProxy
from tests.servers.redis import RedisServer

Proxied = Callable[[str], Awaitable[TcpProxy]]
POLICY = """\
without_redis = 0.4
[client]
token = { limit = 10, per = "day" }
introspect = { limit = 40, per = "day" }
[address]
authorize = { limit = 10, per = "day" }
sign_in = { limit = 10, per = "day", algorithm = "token_bucket" }
"""
LIMIT, ALONE = 10, 4


class Pair:
    """Two of them, on one database."""

    def __init__(self, houses: list[House], client: Registered) -> None:
        self.houses = houses
        self.client = client

    async def token(self, at: int) -> httpx2.Response:
        return await self.houses[at % 2].token(self.client, grant_type="client_credentials")

    async def introspect(self, at: int) -> httpx2.Response:
        return await self.houses[at % 2].post("/oauth2/introspect", self.client, token="x")

    async def authorize(self, at: int) -> httpx2.Response:
        return await self.houses[at % 2].http.get("/oauth2/authorize")

    async def sign_in(self, at: int) -> httpx2.Response:
        return await self.houses[at % 2].http.get("/login/x")


DOORS = {"token": Pair.token, "authorize": Pair.authorize, "sign-in": Pair.sign_in}


@pytest.fixture
async def opened(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Pair]]]:
    (tmp_path / "quotas.toml").write_text(POLICY)
    common: dict[str, Any] = {
        "database_url": copy_of(sqlite_template, tmp_path),
        "rate_limit_policy_file": tmp_path / "quotas.toml",
    }
    async with AsyncExitStack() as stack:

        async def open_two(redis_url: str, *, patience: float = 5.0) -> Pair:
            settings = settings_for(tmp_path, redis_url=redis_url, redis_timeout_seconds=patience, **common)
            houses = [await stack.enter_async_context(open_house(settings)) for _ in range(2)]
            return Pair(houses, await houses[0].add_client())

        yield open_two


async def passed(ask: Callable[[Pair, int], Awaitable[httpx2.Response]], pair: Pair, times: int) -> int:
    answers = [await ask(pair, at) for at in range(times)]
    assert all(answer.status_code < 500 for answer in answers)
    return sum(answer.status_code != 429 for answer in answers)


@pytest.mark.parametrize("ask", DOORS.values(), ids=DOORS)
async def test_of_sixteen_at_once_exactly_the_limit_pass(
    opened: Callable[..., Awaitable[Pair]], redis_server: RedisServer, ask: Any
) -> None:
    pair = await opened(redis_server.url)
    answers = await asyncio.gather(*(ask(pair, at) for at in range(16)))

    assert sum(answer.status_code != 429 for answer in answers) == LIMIT
    assert await passed(ask, pair, 2) == 0


async def test_introspection_draws_from_one_quota(
    opened: Callable[..., Awaitable[Pair]], redis_server: RedisServer
) -> None:
    """A process that refuses has used up its share; the other may hold one of two, and no more."""
    pair = await opened(redis_server.url)
    answers = await asyncio.gather(*(pair.introspect(at) for at in range(64)))

    assert 38 <= sum(answer.status_code == 200 for answer in answers) <= 40
    assert await passed(Pair.introspect, pair, 4) <= 2


@pytest.mark.parametrize("ask", DOORS.values(), ids=DOORS)
async def test_when_redis_goes_each_process_has_its_part(
    opened: Callable[..., Awaitable[Pair]], redis_server: RedisServer, ask: Any
) -> None:
    pair = await opened(redis_server.url)
    assert await passed(ask, pair, 2) == 2
    await redis_server.stop()

    assert await passed(ask, pair, 20) == 2 * ALONE


async def test_when_redis_hangs_in_the_middle_nobody_waits_for_it_twice(
    opened: Callable[..., Awaitable[Pair]], redis_server: RedisServer, tcp_proxy: Proxied
) -> None:
    proxy = await tcp_proxy(redis_server.url)
    pair = await opened(proxy.url, patience=1.0)
    assert await passed(Pair.token, pair, 2) == 2
    proxy.swallow()
    waiting = await asyncio.gather(*(pair.token(at) for at in range(20)))

    assert sum(answer.status_code == 200 for answer in waiting) == 2 * ALONE
    assert {answer.status_code for answer in waiting} == {200, 429}
    assert await passed(Pair.introspect, pair, 60) == 2 * 16
