"""What the port `Logos` promises, on every database."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.repositories.logos import Logo, WantedLogo
from tests.house import House

T = TypeVar("T")
ONE, OTHER = "https://app.example/one.png", "https://app.example/other.png"
LOGO = Logo(digest="d" * 64, media_type="image/png", body=b"\x89PNG\0\xff")


class Rig:
    """A client, and what is written about its logo."""

    def __init__(self, house: House, client_id: ClientId) -> None:
        self.house = house
        self.client_id = client_id

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        async with self.house.container.begin() as uow:
            result = await work(uow.logos)
            await uow.commit()
        return result

    async def want(self, uri: str = ONE) -> WantedLogo:
        await self.write(lambda logos: logos.want(self.client_id, uri))
        [wanted] = await self.due()
        return wanted

    async def due(self, limit: int = 10) -> list[WantedLogo]:
        async with self.house.container.read() as uow:
            return list(await uow.logos.due(limit=limit))

    async def keep(self, wanted: WantedLogo, logo: Logo = LOGO) -> bool:
        return await self.write(lambda logos: logos.keep(wanted, logo))

    async def failed(self, wanted: WantedLogo, *, again_in: int | None) -> None:
        await self.write(lambda logos: logos.failed(wanted, again_in=again_in))

    async def shown(self) -> tuple[str | None, int]:
        """The digest in the client's row, and its version."""
        async with self.house.container.read() as uow:
            client = await uow.clients.get(self.client_id)
        return client.logo_digest, client.version

    async def found(self, digest: str = LOGO.digest) -> Logo | None:
        async with self.house.container.read() as uow:
            return await uow.logos.get(digest)  # type: ignore[no-any-return]  # a container's parts are untyped


@pytest.fixture
async def rig(house: House) -> Rig:
    return Rig(house, (await house.add_client()).client.client_id)


async def test_what_is_wanted_is_due_until_it_is_there(rig: Rig) -> None:
    assert await rig.due() == []
    wanted = await rig.want()
    assert wanted == WantedLogo(client_id=rig.client_id, logo_uri=ONE, failures=0)
    assert (await rig.shown(), await rig.found()) == ((None, 1), None)

    assert await rig.keep(wanted)

    assert await rig.due() == []
    assert await rig.found() == LOGO
    assert await rig.shown() == (LOGO.digest, 1), "no other version: the registration has not changed"


async def test_another_wish_forgets_what_was_there_and_what_is_on_its_way(rig: Rig) -> None:
    first = await rig.want()
    await rig.keep(first)

    second = await rig.want(OTHER)

    assert (await rig.shown(), await rig.found()) == ((None, 1), None)
    assert not await rig.keep(first)
    assert await rig.keep(second)
    assert not await rig.keep(second), "it was fetched by somebody else meanwhile"


async def test_what_is_dropped_is_gone_and_not_kept_any_more(rig: Rig) -> None:
    wanted = await rig.want()
    await rig.keep(wanted)

    await rig.write(lambda logos: logos.drop(rig.client_id))

    assert (await rig.shown(), await rig.found(), await rig.due()) == ((None, 1), None, [])
    again = await rig.want()
    await rig.write(lambda logos: logos.drop(rig.client_id))
    assert not await rig.keep(again)


async def test_a_failure_gives_another_turn_later_or_none(rig: Rig) -> None:
    wanted = await rig.want()

    await rig.failed(wanted, again_in=0)
    [again] = await rig.due()
    assert again.failures == 1
    await rig.failed(wanted, again_in=0)
    assert [one.failures for one in await rig.due()] == [1], "each failure counts once"
    await rig.failed(again, again_in=3600)
    assert await rig.due() == []

    wanted = await rig.want()
    await rig.failed(wanted, again_in=None)
    assert await rig.due() == []
    assert not await rig.keep(wanted)


async def test_who_waits_longest_comes_first(rig: Rig) -> None:
    others = [Rig(rig.house, (await rig.house.add_client()).client.client_id) for _ in range(2)]
    for one in (others[1], rig, others[0]):
        await one.write(lambda logos, one=one: logos.want(one.client_id, ONE))

    assert [wanted.client_id for wanted in await rig.due(2)] == [others[1].client_id, rig.client_id]


async def test_one_picture_may_be_of_several_clients(rig: Rig) -> None:
    other = Rig(rig.house, (await rig.house.add_client()).client.client_id)
    await rig.keep(await rig.want())
    await other.keep(await other.want())

    await rig.write(lambda logos: logos.drop(rig.client_id))

    assert await rig.found() == LOGO


async def test_it_goes_with_its_client(rig: Rig) -> None:
    await rig.keep(await rig.want())

    async with rig.house.container.database().engine.begin() as connection:
        await connection.execute(text("DELETE FROM client_secrets"))
        await connection.execute(text("DELETE FROM clients"))

    assert await rig.found() is None
