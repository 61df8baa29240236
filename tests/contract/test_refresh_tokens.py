"""What the ports `RefreshTokens` and `Families` promise, on every database: one spender, and nothing for the ended."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.entities.token import Epochs, Family
from identity_service.domain.value_objects.ids import FamilyId
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.tokens import Spend
from tests.house import NOW, House, open_house, settings_for

CALLERS = 16


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """As many connections as there are callers: they shall meet in the database, not in the pool."""
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=CALLERS + 2)
    async with open_house(settings) as opened:
        yield opened


class Rig:
    """A family of one user at one client, with its first token, straight in the database."""

    def __init__(self, house: House, family: Family, first: bytes) -> None:
        self.house = house
        self.family = family
        self.first = first

    @classmethod
    async def make(cls, house: House) -> "Rig":
        user, client = await house.add_user(), await house.add_client()
        rig = cls(house, family_of(user.id, client.client.client_id), os.urandom(32))
        assert await rig.start() is not None
        return rig

    async def start(self) -> Any:
        async with self.house.container.begin() as uow:
            expiry = await uow.families.start(self.family, self.first)
            await uow.commit()
        return expiry

    async def spend(self, digest: bytes, *, grace: int = 10, successor: bytes | None = None) -> Any:
        spend = Spend(
            digest=digest,
            client_id=self.family.client_id,
            successor=successor or os.urandom(32),
            nonce=os.urandom(32) if grace else None,
            grace_seconds=grace,
        )
        async with self.house.container.begin() as uow:
            expiry = await uow.refresh_tokens.spend(spend)
            await uow.commit()
        return expiry

    async def state(self, digest: bytes) -> Any:
        async with self.house.container.read() as uow:
            return await uow.refresh_tokens.get(digest)

    async def sql(self, statement: str) -> Any:
        async with self.house.container.database().engine.begin() as connection:
            return await connection.execute(text(statement))


def family_of(user_id: Any, client_id: Any, epochs: Epochs = Epochs(1, 1, 1)) -> Family:
    return Family(
        id=FamilyId(new_id()),
        client_id=client_id,
        user_id=user_id,
        scope=Scope.parse("read"),
        audience=("https://api.example",),
        epochs=epochs,
        auth_time=NOW,
        amr=("pwd",),
        lifetime_seconds=3600,
    )


@pytest.fixture
async def rig(house: House) -> Rig:
    return await Rig.make(house)


@pytest.mark.parametrize("grace", [0, 10])
async def test_of_sixteen_concurrent_spenders_exactly_one_wins(rig: Rig, grace: int) -> None:
    successors = [os.urandom(32) for _ in range(CALLERS)]

    answers = await asyncio.gather(
        *(rig.spend(rig.first, grace=grace, successor=successor) for successor in successors)
    )

    winners = [s for s, answer in zip(successors, answers, strict=True) if answer is not None]
    assert len(winners) == 1
    spent = await rig.state(rig.first)
    assert spent.successor_digest == winners[0]
    assert (spent.nonce is not None) is spent.grace_open is (grace > 0)
    assert not (await rig.state(winners[0])).spent
    unspent = await rig.sql("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")
    assert unspent.scalar() == 1


async def test_a_chain_of_spenders_leaves_one_head_however_they_interleave(rig: Rig) -> None:
    head = rig.first
    for _ in range(5):
        successors = [os.urandom(32) for _ in range(4)]
        answers = await asyncio.gather(*(rig.spend(head, successor=s) for s in successors))
        (head,) = [s for s, answer in zip(successors, answers, strict=True) if answer is not None]

    assert (await rig.sql("SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")).scalar() == 1
    assert (await rig.sql("SELECT count(*) FROM refresh_tokens")).scalar() == 6


async def test_spending_the_successor_erases_the_nonce_of_the_token_before(rig: Rig) -> None:
    successor = os.urandom(32)
    await rig.spend(rig.first, successor=successor)
    assert (await rig.state(rig.first)).nonce is not None

    await rig.spend(successor)

    before = await rig.state(rig.first)
    assert before.nonce is None
    assert before.successor_spent


async def test_the_grace_is_judged_by_the_clock_of_the_database(rig: Rig) -> None:
    await rig.spend(rig.first, grace=10)
    assert (await rig.state(rig.first)).grace_open

    await rig.sql("UPDATE refresh_tokens SET grace_until = spent_at WHERE spent_at IS NOT NULL")

    assert not (await rig.state(rig.first)).grace_open


ENDINGS = {
    "the family was ended": "UPDATE families SET ended_at = created_at, ended_reason = 'revoked'",
    "the family has run out": "UPDATE families SET expires_at = created_at",
    "the user was deactivated": "UPDATE users SET active = false",
    "the user was deleted": "UPDATE users SET deleted_at = created_at",
    "the user's epoch was raised": "UPDATE users SET epoch = epoch + 1",
    "the client was deactivated": "UPDATE clients SET active = false",
    "the client was deleted": "UPDATE clients SET deleted_at = created_at",
    "the client's epoch was raised": "UPDATE clients SET epoch = epoch + 1",
    "the server's epoch was raised": "UPDATE server_state SET epoch = epoch + 1",
}


@pytest.mark.parametrize("statement", ENDINGS.values(), ids=ENDINGS.keys())
async def test_nothing_is_spent_once(rig: Rig, statement: str) -> None:
    await rig.sql(statement)

    assert await rig.spend(rig.first) is None
    found = await rig.state(rig.first)
    assert not found.spent
    assert not found.state.alive


STARTS = {name: sql for name, sql in ENDINGS.items() if not name.startswith("the family")}


@pytest.mark.parametrize("statement", STARTS.values(), ids=STARTS.keys())
async def test_no_family_starts_once(rig: Rig, statement: str) -> None:
    later = Rig(rig.house, family_of(rig.family.user_id, rig.family.client_id), os.urandom(32))
    await rig.sql(statement)

    assert await later.start() is None
    assert await rig.state(later.first) is None


async def test_another_client_spends_nothing(rig: Rig) -> None:
    other = await rig.house.add_client()
    async with rig.house.container.begin() as uow:
        spend = Spend(
            digest=rig.first,
            client_id=other.client.client_id,
            successor=os.urandom(32),
            nonce=None,
            grace_seconds=0,
        )
        assert await uow.refresh_tokens.spend(spend) is None
        await uow.commit()

    assert not (await rig.state(rig.first)).spent


async def test_leaving_without_a_commit_spends_nothing(rig: Rig) -> None:
    spend = Spend(
        digest=rig.first,
        client_id=rig.family.client_id,
        successor=os.urandom(32),
        nonce=None,
        grace_seconds=0,
    )
    async with rig.house.container.begin() as uow:
        assert await uow.refresh_tokens.spend(spend) is not None

    assert not (await rig.state(rig.first)).spent


async def test_of_many_that_end_a_family_one_is_told_it_did(rig: Rig) -> None:
    async def end() -> bool:
        async with rig.house.container.begin() as uow:
            did: bool = await uow.families.end(rig.family.id, reason="revoked")
            await uow.commit()
        return did

    assert sorted(await asyncio.gather(*(end() for _ in range(CALLERS)))) == [False] * (CALLERS - 1) + [True]


@pytest.mark.parametrize("round_", range(4))
async def test_a_family_that_starts_while_its_user_is_deactivated_is_dead(rig: Rig, round_: int) -> None:
    """The race of issue against deactivation: whoever is first, nothing of it lives."""
    later = Rig(rig.house, family_of(rig.family.user_id, rig.family.client_id), os.urandom(32))

    await asyncio.gather(
        later.start(), rig.sql("UPDATE users SET active = false, epoch = epoch + 1"), later_reads(rig)
    )

    found = await rig.state(later.first)
    assert found is None or not found.state.alive


async def later_reads(rig: Rig) -> None:
    """Something else going on at the same time, so that the order is not always the same."""
    for _ in range(3):
        await rig.state(rig.first)


async def test_what_is_kept_of_a_token_is_its_digest(rig: Rig) -> None:
    """A copy of the database holds nothing that can be presented."""
    columns = (await rig.sql("SELECT * FROM refresh_tokens")).one()
    assert rig.first in [bytes(c) if isinstance(c, memoryview) else c for c in columns]
    assert len(rig.first) == 32


@pytest.mark.parametrize("storage", ["postgres"])
async def test_an_order_about_user_or_client_waits_for_no_sign_in_that_hangs(rig: Rig) -> None:
    """A server that was stopped in the middle of one would keep every administrator waiting. SQLite has one writer."""
    begin, family = rig.house.container.begin, rig.family
    async with begin() as hanging:
        assert (
            await hanging.families.start(replace(family, id=FamilyId(new_id())), os.urandom(32)) is not None
        )
        async with asyncio.timeout(2), begin() as order:
            assert await order.users.get(family.user_id, lock=True) is not None
            assert await order.clients.get(family.client_id, lock=True) is not None


@pytest.mark.parametrize("storage", ["postgres"])
async def test_an_order_about_a_user_waits_for_another_order(rig: Rig) -> None:
    begin, user_id = rig.house.container.begin, rig.family.user_id
    async with begin() as first:
        await first.users.get(user_id, lock=True)
        async with begin() as second:
            waiting = asyncio.ensure_future(second.users.get(user_id, lock=True))
            await asyncio.wait((waiting,), timeout=0.2)
            assert not waiting.done()
            await first.commit()
            assert await waiting is not None
