"""An authorization code redeemed more than once: one after the other, at once, and while the first is under way
(attack 8; RFC 6749 §4.1.2, §10.5)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from identity_service.infrastructure.container import build
from tests.ageing import age
from tests.house import House, Registered, house_around, settings_for
from tests.visitor import Pkce, Visitor, app_of, visitor_of

AT_ONCE = 16


class Gate:
    """Stands in front of the look-up of resources, which a token request does after it has spent its code."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    def reading(self, read: Any) -> Any:
        """`read`, with this gate in it."""

        @asynccontextmanager
        async def gated() -> AsyncIterator[Any]:
            async with read() as uow:
                yield _Gated(uow, self)

        return gated


class _Gated:
    def __init__(self, uow: Any, gate: Gate) -> None:
        self._uow = uow
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return self if name == "audiences" else getattr(self._uow, name)

    async def by_uris(self, uris: Any) -> Any:
        self._gate.reached.set()
        await self._gate.open.wait()
        return await self._uow.audiences.by_uris(uris)


@pytest.fixture
async def gate() -> Gate:
    return Gate()


@pytest.fixture
async def house(database_url: str, tmp_path: Path, gate: Gate) -> AsyncIterator[House]:
    container = build(settings_for(tmp_path, database_url=database_url, database_pool_size=AT_ONCE + 2))
    read = providers.Factory(container.read.provides, *container.read.args, **container.read.kwargs)
    container.read.override(providers.Factory(gate.reading(read)))
    async with house_around(container) as opened:
        await opened.add_user()
        yield opened


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(house) as browser:
        yield browser


async def is_dead(house: House, client: Registered, tokens: dict[str, Any]) -> bool:
    """Neither token lives, and there is nothing to be had for the refresh token."""
    refreshed = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    return (
        not await house.is_active(client, tokens["access_token"])
        and not await house.is_active(client, tokens["refresh_token"])
        and refreshed.json()["error"] == "invalid_grant"
    )


async def test_attack_8_of_many_redemptions_at_once_none_leaves_a_living_token(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    for _ in range(3):
        pkce = Pkce.new()
        code = await visitor.code(client, pkce)
        answers = await asyncio.gather(*(visitor.exchange(client, code, pkce) for _ in range(AT_ONCE)))
        given = [answer.json() for answer in answers if answer.status_code == 200]
        refused = {(each.status_code, each.json()["error"]) for each in answers if each.status_code != 200}

        assert len(given) <= 1
        assert refused == {(400, "invalid_grant")}
        for tokens in given:
            assert await is_dead(house, client, tokens)


async def test_attack_8_a_second_redemption_ends_the_first_one_that_is_under_way(
    house: House, visitor: Visitor, gate: Gate
) -> None:
    client, pkce = await app_of(house), Pkce.new()
    uri = "https://api.example"
    await house.add_client(resource_server=True, audiences=frozenset({uri}), grants=())
    code = await visitor.code(client, pkce, scope="openid read", resource=uri)
    gate.reached.clear()
    gate.open.clear()
    first = asyncio.create_task(visitor.exchange(client, code, pkce))
    await gate.reached.wait()
    second = await visitor.exchange(client, code, pkce)
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    gate.open.set()
    answer = await first

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    code = await visitor.code(client, pkce, scope="openid read", resource=uri)
    assert (await visitor.exchange(client, code, pkce)).status_code == 200


async def test_attack_8_a_code_that_was_burnt_by_a_wrong_verifier_ends_nothing_else(
    house: House, visitor: Visitor
) -> None:
    client, pkce = await app_of(house), Pkce.new()
    living = await visitor.tokens(client)
    code = await visitor.code(client, pkce)
    for form in ({"code_verifier": Pkce.new().verifier}, {"redirect_uri": "https://evil.example"}, {}):
        answer = await visitor.exchange(client, code, pkce, **form)
        assert answer.json()["error"] == "invalid_grant"

    assert await house.is_active(client, living["access_token"])


async def test_attack_8_another_client_neither_spends_a_code_nor_ends_what_it_gave(
    house: House, visitor: Visitor
) -> None:
    client, other, public = await app_of(house), await app_of(house), await app_of(house, public=True)
    pkce = Pkce.new()
    code = await visitor.code(client, pkce)
    for thief in (other, public):
        assert (await visitor.exchange(thief, code, pkce)).json()["error"] == "invalid_grant"
    tokens = (await visitor.exchange(client, code, pkce)).json()
    for thief in (other, public):
        assert (await visitor.exchange(thief, code, pkce)).json()["error"] == "invalid_grant"

    assert await house.is_active(client, tokens["access_token"])


async def test_attack_8_what_was_refreshed_meanwhile_ends_too(house: House, visitor: Visitor) -> None:
    client, pkce = await app_of(house), Pkce.new()
    code = await visitor.code(client, pkce)
    first = (await visitor.exchange(client, code, pkce)).json()
    refreshed = await house.token(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    await visitor.exchange(client, code)

    assert await is_dead(house, client, refreshed.json())


@pytest.mark.parametrize("seconds", [30, 61, 3000])
async def test_attack_8_a_late_second_redemption_is_one_all_the_same(
    house: House, visitor: Visitor, seconds: int
) -> None:
    client, pkce = await app_of(house), Pkce.new()
    code = await visitor.code(client, pkce)
    tokens = (await visitor.exchange(client, code, pkce)).json()
    await age(house.container.database(), seconds)
    again = await visitor.exchange(client, code, pkce)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await is_dead(house, client, tokens)


async def test_s4_1_2_a_code_lives_for_a_minute(house: House, visitor: Visitor) -> None:
    client, pkce = await app_of(house), Pkce.new()
    for seconds, status in ((50, 200), (61, 400)):
        code = await visitor.code(client, pkce)
        await age(house.container.database(), seconds)
        assert (await visitor.exchange(client, code, pkce)).status_code == status
