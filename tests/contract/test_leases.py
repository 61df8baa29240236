"""What the port `Leases` promises, on every database: one leader while the lease runs, and not for longer."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.leases import SqlLeases

CONTENDERS = 8


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(DatabaseOptions(url=database_url, pool_size=CONTENDERS))
    yield opened
    await opened.close()


@pytest.fixture
def leases(database: Database) -> SqlLeases:
    return SqlLeases(database)


async def run_out(database: Database) -> None:
    """As if the holder had stalled: the lease's time passes."""
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE leases SET until = '2000-01-01 00:00:00.000000'"))


async def contend(leases: SqlLeases) -> list[bool]:
    return list(
        await asyncio.gather(*(leases.take("work", holder=f"p{n}", seconds=60) for n in range(CONTENDERS)))
    )


async def test_of_concurrent_contenders_one_leads(leases: SqlLeases) -> None:
    assert sum(await contend(leases)) == 1


async def test_a_lease_that_ran_out_goes_to_one_of_concurrent_contenders(
    leases: SqlLeases, database: Database
) -> None:
    await leases.take("work", holder="stalled", seconds=60)
    await run_out(database)

    assert sum(await contend(leases)) == 1
    assert not await leases.take("work", holder="stalled", seconds=60)


async def test_a_leader_prolongs_its_lease_and_nobody_elses(leases: SqlLeases, database: Database) -> None:
    assert await leases.take("work", holder="a", seconds=1)
    assert await leases.take("work", holder="a", seconds=60)

    async with database.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT name, holder FROM leases"))).all()
    assert [tuple(row) for row in rows] == [("work", "a")]
    assert not await leases.take("work", holder="b", seconds=60)


async def test_leases_of_different_names_have_nothing_to_do_with_each_other(leases: SqlLeases) -> None:
    assert await leases.take("work", holder="a", seconds=60)
    assert await leases.take("other", holder="b", seconds=60)


async def test_a_lease_given_back_is_free_at_once(leases: SqlLeases) -> None:
    await leases.take("work", holder="a", seconds=60)

    await leases.give_back("work", holder="a")

    assert await leases.take("work", holder="b", seconds=60)


async def test_only_the_holder_gives_a_lease_back(leases: SqlLeases) -> None:
    await leases.take("work", holder="a", seconds=60)

    await leases.give_back("work", holder="b")

    assert not await leases.take("work", holder="b", seconds=60)
