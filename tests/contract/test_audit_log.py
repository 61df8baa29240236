"""What `AuditLog` promises, on every database: no gap, nothing lost, and one winner of each place."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from identity_service.application.use_cases.audit.chain_events import chained
from identity_service.domain.audit.entry import GENESIS
from identity_service.domain.audit.verification import Walk
from identity_service.ports.origin import ORIGIN, Origin
from identity_service.ports.tokens.key_ring import KeysUnavailable
from tests.audited import Audited, audited_at, failed


@pytest.fixture
async def log(database_url: str, tmp_path: Path) -> AsyncIterator[Audited]:
    async with audited_at(database_url, tmp_path) as audited:
        yield audited


async def names(log: Audited) -> list[str]:
    """What stands in the chain, in its order."""
    async with log.container.read() as uow:
        entries = await uow.audit_log.entries(after=0, until=1 << 40, limit=10_000)
    assert [each.position for each in entries] == list(range(1, len(entries) + 1))
    return [each.entry.client or "" for each in entries]


async def test_events_are_chained_in_the_order_in_which_they_were_written(log: Audited) -> None:
    for number in range(5):
        await log.record(failed(0, client_id=str(number)))
    await log.chain_all()

    assert await names(log) == ["0", "1", "2", "3", "4"]


async def test_events_of_one_transaction_keep_their_order(log: Audited) -> None:
    async with log.container.begin() as uow:
        for number in range(5):
            uow.events.add(failed(0, client_id=str(number)))
        await uow.commit()
    await log.chain_all()

    assert await names(log) == ["0", "1", "2", "3", "4"]


async def test_nothing_is_chained_that_was_rolled_back(log: Audited) -> None:
    async with log.container.begin() as uow:
        uow.events.add(failed(0))
        await uow.events.write()
    await log.record(failed(0, client_id="after"))
    await log.chain_all()

    assert await names(log) == ["after"]


@pytest.mark.parametrize("storage", ["postgres"], indirect=True)
async def test_a_transaction_that_commits_late_is_waited_for(log: Audited) -> None:
    """It took its number before the others: until it is over, nothing that came after it is ripe."""
    late = log.container.begin()
    async with late:
        late.events.add(failed(0, client_id="late"))
        await late.events.write()
        for number in range(3):
            await log.record(failed(0, client_id=str(number)))

        assert await log.chain() == 0
        assert await log.waiting() == 3
        late.events._new.clear()
        await late.commit()
    await log.chain_all()

    assert await names(log) == ["late", "0", "1", "2"]


@pytest.mark.parametrize("storage", ["postgres"], indirect=True)
async def test_numbers_of_another_cluster_are_chained_at_once(log: Audited) -> None:
    """As after a logical restore: rows bear numbers that this cluster has still to give out."""
    await log.record(failed(0, client_id="restored"))
    await log.sql("UPDATE events SET transaction_id = 9000000000000000")
    await log.record(failed(0, client_id="new"))
    await log.chain_all()

    assert sorted(await names(log)) == ["new", "restored"]


async def test_leaders_that_overlap_chain_each_event_once(log: Audited) -> None:
    for number in range(40):
        await log.record(failed(0, client_id=str(number)))
    leaders = [log.parts.chain_events().__class__(
        begin=log.container.begin, read=log.container.read, personal=log.parts.personal_data(), batch=7
    ) for _ in range(3)]  # fmt: skip

    async with asyncio.timeout(60):
        while await log.waiting():
            await asyncio.gather(*(leader() for leader in leaders))

    assert sorted(map(int, await names(log))) == list(range(40))
    async with log.container.read() as uow:
        walk = Walk(GENESIS)
        walk.take_all(await uow.audit_log.entries(after=0, until=40, limit=40))
        walk.ends_at(await uow.audit_log.head())
    assert (walk.walked, walk.findings) == (40, [])


async def test_of_two_that_saw_one_head_one_moves_it(log: Audited) -> None:
    await log.record(failed(0))
    async with log.container.read() as uow:
        head = await uow.audit_log.head()
        after, placed = chained(head, await uow.audit_log.ripe(1), {})
    async with log.container.begin() as uow:
        assert await uow.audit_log.advance(head, after, placed)
        await uow.commit()

    async with log.container.begin() as uow:
        assert not await uow.audit_log.advance(head, after, placed)
    assert await names(log) == ["app"]


async def test_the_lag_is_that_of_the_oldest_that_waits(log: Audited) -> None:
    async with log.container.read() as uow:
        assert (await uow.audit_log.lag()).waiting == 0
    await log.record(failed(0), failed(1))

    async with log.container.read() as uow:
        lag = await uow.audit_log.lag()
    assert lag.waiting == 2
    assert 0 <= lag.oldest_seconds < 60


async def test_a_process_that_could_not_load_the_data_keys_makes_no_key(log: Audited) -> None:
    await log.sql("DELETE FROM audit_keys")
    log.container.data_keys()._sealing = None

    with pytest.raises(KeysUnavailable):
        await log.checkpointing()
    async with log.container.read() as uow:
        assert await uow.audit_keys.get("sign") is None


async def test_an_event_bears_the_request_that_it_came_with(log: Audited) -> None:
    token = ORIGIN.set(Origin("request-7", "192.0.2.7"))
    await log.record(failed(0))
    ORIGIN.reset(token)
    await log.record(failed(0))
    await log.chain_all()

    async with log.container.read() as uow:
        entries = await uow.audit_log.entries(after=0, until=10, limit=10)
    assert [each.entry.request_id for each in entries] == ["request-7", None]
