"""What `FamilyDesk` promises, on every database: what is shown, what is noted, and that nobody notes meanwhile."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from identity_service.adapters.sql.schema.tokens import refresh_tokens
from identity_service.domain.entities.origin import Finding, Noted, Origin
from identity_service.domain.entities.token import Family, FamilyRecord
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.tokens import FamilyQuery, Spend, Watched
from tests.contract.test_refresh_tokens import family_of
from tests.house import House

HOME, AWAY = Origin("192.0.2.7", "shop/1"), Origin("2001:db8::7", None)
NOTED = Noted(Finding("device", 40, "Another one."), datetime(2026, 11, 28, 12, 30, 1, 234567, tzinfo=UTC))


async def started(house: House, family: Family) -> None:
    async with house.container.begin() as uow:
        assert await uow.families.start(family, os.urandom(32))
        await uow.commit()


async def record(house: House, family_id: FamilyId) -> FamilyRecord:
    async with house.container.read() as uow:
        found: FamilyRecord | None = await uow.family_desk.get(family_id)
    assert found is not None
    return found


@pytest.fixture
async def family(house: House) -> Family:
    user, client = await house.add_user(), await house.add_client()
    made = replace(family_of(user.id, client.client.client_id), origin=HOME)
    await started(house, made)
    return made


async def test_a_family_keeps_where_it_came_from_and_what_is_noted(house: House, family: Family) -> None:
    assert (await record(house, family.id)).state.family == family
    async with house.container.begin() as uow:
        watched: Watched = await uow.family_desk.watched(family.id)
        await uow.family_desk.note(family.id, origin=AWAY, noted=[NOTED])
        await uow.commit()

    kept = await record(house, family.id)

    assert watched.noted == ()
    assert abs(watched.now - kept.state.started_at) < timedelta(minutes=1)
    assert (kept.state.family.origin, kept.noted) == (AWAY, (NOTED,))


async def test_what_is_noted_takes_the_place_of_what_was(house: House, family: Family) -> None:
    for noted in ([NOTED], []):
        async with house.container.begin() as uow:
            await uow.family_desk.note(family.id, origin=HOME, noted=noted)
            await uow.commit()

    assert (await record(house, family.id)).noted == ()


async def test_one_that_is_over_is_not_watched(house: House, family: Family) -> None:
    async with house.container.begin() as uow:
        await uow.families.end(family.id, reason="test")
        await uow.commit()

    async with house.container.begin() as uow:
        assert await uow.family_desk.watched(family.id) is None
        assert await uow.family_desk.watched(FamilyId(new_id())) is None


async def test_of_many_who_note_at_once_each_sees_what_was_noted_before(house: House, family: Family) -> None:
    async def add(number: int) -> None:
        async with house.container.begin() as uow:
            watched: Watched = await uow.family_desk.watched(family.id)
            mine = Noted(Finding(str(number), number, "why"), watched.now)
            await uow.family_desk.note(family.id, origin=HOME, noted=[*watched.noted, mine])
            await uow.commit()

    await asyncio.gather(*map(add, range(4)))

    assert sorted(each.finding.points for each in (await record(house, family.id)).noted) == [0, 1, 2, 3]


async def test_pages_go_on_behind_a_family(house: House, family: Family) -> None:
    others = [replace(family, id=FamilyId(new_id())) for _ in range(3)]
    for each in others:
        await started(house, each)
    newest_first = [each.id for each in (*reversed(others), family)]

    async with house.container.read() as uow:
        first = await uow.family_desk.page(FamilyQuery(limit=2, user_id=family.user_id))
        second = await uow.family_desk.page(FamilyQuery(limit=9, after=first[-1].state.family.id))

    assert [each.state.family.id for each in (*first, *second)] == newest_first
    assert {each.last_used_at for each in (*first, *second)} == {None}


async def test_when_a_family_was_last_used_depends_on_who_presents_its_token(
    house: House, family: Family
) -> None:
    first, second = os.urandom(32), os.urandom(32)
    other = replace(family, id=FamilyId(new_id()))
    async with house.container.begin() as uow:
        await uow.families.start(other, first)
        await uow.refresh_tokens.spend(
            Spend(digest=first, client_id=other.client_id, successor=second, nonce=None, grace_seconds=0)
        )
        await uow.commit()
    now = datetime.now(UTC)
    async with house.container.database().engine.begin() as connection:
        given_out = {"created_at": now - timedelta(hours=2), "spent_at": now - timedelta(hours=1)}
        await connection.execute(
            update(refresh_tokens).where(refresh_tokens.c.digest == first).values(**given_out)
        )

    async def hours(token: bytes, *, repeated: bool) -> float | None:
        async with house.container.read() as uow:
            since = await uow.family_desk.last_use(token, repeated=repeated)
        return None if since is None else round(since.total_seconds() / 3600, 1)

    assert await hours(first, repeated=False) == 2
    assert await hours(first, repeated=True) == 1
    assert await hours(second, repeated=True) == 0, "nobody has spent it yet"
    assert await hours(os.urandom(32), repeated=False) is None
