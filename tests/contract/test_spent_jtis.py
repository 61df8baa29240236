"""What the port `SpentJtis` promises, on every database: of all who come with it, one was first."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.ports.repositories.expired import Expired

CONTENDERS = 8


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(DatabaseOptions(url=database_url, pool_size=CONTENDERS))
    yield opened
    await opened.close()


def begin(database: Database) -> SqlUnitOfWork:
    return SqlUnitOfWork(database, writing=True, on_endings=lambda tags: None)


async def spend(database: Database, digest: bytes, *, lives: int = 60, commit: bool = True) -> bool:
    async with begin(database) as uow:
        first = await uow.spent_jtis.spend(digest, until=int(time.time()) + lives)
        if commit:
            await uow.commit()
    return first


async def test_attack_20_of_concurrent_uses_one_is_the_first(database: Database) -> None:
    uses = await asyncio.gather(*(spend(database, b"same") for _ in range(CONTENDERS)))

    assert sum(uses) == 1
    assert not await spend(database, b"same")
    assert await spend(database, b"other")


async def test_what_was_not_committed_was_not_used(database: Database) -> None:
    assert await spend(database, b"same", commit=False)
    assert await spend(database, b"same")


async def test_only_what_ran_out_is_purged(database: Database) -> None:
    await spend(database, b"over", lives=-60)
    await spend(database, b"good")

    async with begin(database) as uow:
        assert await uow.expired.delete(Expired.SPENT_JTIS, older_than=61, limit=10) == 0
        assert await uow.expired.delete(Expired.SPENT_JTIS, older_than=59, limit=10) == 1
        await uow.commit()

    assert await spend(database, b"over")
    assert not await spend(database, b"good")
