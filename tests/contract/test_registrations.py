"""What the ports `InitialAccessTokens` and `RegistrationAccessTokens` promise, on every database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.initial_access_token import InitialAccessToken, NewInitialAccessToken
from identity_service.domain.value_objects.ids import ClientId, InitialAccessTokenId
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.ports.repositories.expired import Expired
from tests.ageing import age
from tests.entities import client as a_client
from tests.storage import Storage, storage_at

CALLERS = 6


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Storage]:
    """As many connections as there are callers: they shall meet in the database, not in the pool."""
    async with storage_at(database_url, connections=CALLERS + 2) as opened:
        yield opened


async def write(stored: Storage, work: Any) -> Any:
    async with stored.begin() as uow:
        result = await work(uow)
        await uow.commit()
    return result


async def add(stored: Storage, digest: bytes = b"token", **members: Any) -> InitialAccessToken:
    made: dict[str, Any] = {
        "id": InitialAccessTokenId(new_id()),
        "digest": digest,
        "note": None,
        "uses": 1,
        "life_seconds": 1000,
    }
    new = NewInitialAccessToken(**(made | members))
    found: InitialAccessToken = await write(stored, lambda uow: uow.initial_access_tokens.add(new))
    return found


async def good(stored: Storage, digest: bytes = b"token") -> str | None:
    async with stored.read() as uow:
        return await uow.initial_access_tokens.good(digest)


async def spend(stored: Storage, token: InitialAccessToken) -> bool:
    return bool(await write(stored, lambda uow: uow.initial_access_tokens.spend(token.id)))


async def page(stored: Storage, limit: int = 10, after: Any = None) -> list[InitialAccessToken]:
    async with stored.read() as uow:
        return await uow.initial_access_tokens.page(limit=limit, after=after)


async def test_a_token_is_read_back_as_it_was_handed_out(stored: Storage) -> None:
    token = await add(stored, note="the shop", uses=3)

    assert (token.note, token.uses, token.uses_left, token.revoked_at) == ("the shop", 3, 3, None)
    assert (token.expires_at - token.created_at).total_seconds() == pytest.approx(1000, abs=1)
    assert await page(stored) == [token]
    assert await good(stored) == token.id
    assert await good(stored, b"another") is None


async def test_attack_28_concurrent_callers_spend_as_many_uses_as_there_are(stored: Storage) -> None:
    token = await add(stored, uses=2)

    spent = await asyncio.gather(*(spend(stored, token) for _ in range(CALLERS)))

    assert sum(spent) == 2
    assert await good(stored) is None
    assert [each.uses_left for each in await page(stored)] == [0]


async def test_what_was_not_committed_was_not_spent(stored: Storage) -> None:
    token = await add(stored)
    async with stored.begin() as uow:
        assert await uow.initial_access_tokens.spend(token.id)

    assert await spend(stored, token)


async def test_an_expired_token_is_good_for_nothing(stored: Storage) -> None:
    token = await add(stored)
    await age(stored.database, 1001)

    assert await good(stored) is None
    assert not await spend(stored, token)


async def test_a_revoked_token_is_good_for_nothing_and_stays_as_it_was_revoked_first(stored: Storage) -> None:
    token, other = await add(stored), await add(stored, b"other")

    revoked = await write(stored, lambda uow: uow.initial_access_tokens.revoke(token.id))
    again = await write(stored, lambda uow: uow.initial_access_tokens.revoke(token.id))

    assert revoked.revoked_at is not None
    assert again == revoked
    assert await good(stored) is None
    assert not await spend(stored, token)
    assert await spend(stored, other)
    assert await write(stored, lambda uow: uow.initial_access_tokens.revoke(new_id())) is None


async def test_pages_go_from_the_newest_to_the_oldest(stored: Storage) -> None:
    tokens = [await add(stored, bytes([number])) for number in range(5)]
    newest_first = sorted(tokens, key=lambda token: token.id, reverse=True)

    first = await page(stored, limit=3)

    assert first == newest_first[:3]
    assert await page(stored, limit=3, after=first[-1].id) == newest_first[3:]


async def test_a_token_is_purged_when_its_time_is_long_over(stored: Storage) -> None:
    await add(stored)
    await age(stored.database, 2000)

    for older_than, number in ((1001, 0), (999, 1)):
        deleted = await write(
            stored,
            lambda uow, kept=older_than: uow.expired.delete(
                Expired.INITIAL_ACCESS_TOKENS, older_than=kept, limit=10
            ),
        )
        assert deleted == number


async def registered(stored: Storage, *, by: str | None = "open", digest: bytes | None = b"own") -> Client:
    async with stored.begin() as uow:
        client = await uow.clients.add(a_client(client_id=ClientId(new_id()), registered_by=by))
        if digest is not None:
            await uow.registration_access_tokens.keep(client.client_id, digest)
        await uow.commit()
    return client


async def own_token(stored: Storage, client_id: ClientId) -> bytes | None:
    async with stored.read() as uow:
        return await uow.registration_access_tokens.get(client_id)


async def test_who_registered_a_client_is_read_back_with_it(stored: Storage) -> None:
    for by in (None, "open", new_id()):
        client = await registered(stored, by=by)
        async with stored.read() as uow:
            assert await uow.clients.get(client.client_id) == client
        assert client.registered_by == by


async def test_those_that_registered_themselves_are_listed_apart(stored: Storage) -> None:
    ours, theirs = await registered(stored, by=None, digest=None), await registered(stored)

    async def ids(self_registered: bool | None) -> set[str]:
        async with stored.read() as uow:
            found = await uow.clients.page(ClientQuery(self_registered=self_registered))
        return {client.client_id for client in found}

    assert await ids(True) == {theirs.client_id}
    assert await ids(False) == {ours.client_id}
    assert await ids(None) == {ours.client_id, theirs.client_id}


async def test_of_concurrent_changes_one_replaces_the_token(stored: Storage) -> None:
    client, other = await registered(stored), await registered(stored)

    async def replace(new: bytes) -> bool:
        return bool(
            await write(
                stored,
                lambda uow: uow.registration_access_tokens.replace(client.client_id, old=b"own", new=new),
            )
        )

    replaced = await asyncio.gather(*(replace(bytes([number])) for number in range(CALLERS)))

    assert sum(replaced) == 1
    assert await own_token(stored, client.client_id) == bytes([replaced.index(True)])
    assert await own_token(stored, other.client_id) == b"own"
    assert await own_token(stored, ClientId("nobody")) is None


async def count(stored: Storage) -> int:
    return int(await write(stored, lambda uow: uow.registration_access_tokens.count_clients()))


async def test_those_that_registered_themselves_are_counted_and_deleted_ones_are_not(stored: Storage) -> None:
    await registered(stored, by=None, digest=None)
    client = await registered(stored)
    await registered(stored, by=new_id())
    assert await count(stored) == 2

    await write(stored, lambda uow: uow.clients.delete(client.client_id))

    assert await count(stored) == 1


async def test_attack_35_concurrent_registrations_see_each_other_when_they_count(stored: Storage) -> None:
    async def take_the_last_place() -> bool:
        async with stored.begin() as uow:
            await uow.clients.add(a_client(client_id=ClientId(new_id()), registered_by="open"))
            if await uow.registration_access_tokens.count_clients() > 1:
                return False
            await uow.commit()
        return True

    assert sum(await asyncio.gather(*(take_the_last_place() for _ in range(CALLERS)))) == 1
