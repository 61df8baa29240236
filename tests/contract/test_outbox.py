"""What the port `Outbox` promises, on every database: with its cause or not at all, in one hand at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from identity_service.domain.entities.message import Message, MessageStatus, NewMessage
from identity_service.domain.value_objects.ids import MessageId
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.outbox import Backlog, OutboxQuery
from tests.ageing import age
from tests.storage import Storage, storage_at

CALLERS = 6
KIND = "a kind"


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Storage]:
    """As many connections as there are callers: they shall meet in the database, not in the pool."""
    async with storage_at(database_url, connections=CALLERS + 2) as opened:
        yield opened


async def write(stored: Storage, work: Any) -> Any:
    async with stored.begin() as uow:
        result = await work(uow.outbox)
        await uow.commit()
    return result


async def add(stored: Storage, number: int = 1, *, kind: str = KIND, life_seconds: int = 1000) -> None:
    new = [
        NewMessage(kind=kind, recipient="a client", payload={"n": at}, life_seconds=life_seconds)
        for at in range(number)
    ]
    await write(stored, lambda outbox: outbox.add(new))


async def take(stored: Storage, *, limit: int = 10, hold_seconds: int = 60) -> list[Message]:
    found: list[Message] = await write(
        stored, lambda outbox: outbox.take(kinds={KIND}, limit=limit, hold_seconds=hold_seconds)
    )
    return found


async def get(stored: Storage, message_id: str) -> Message:
    async with stored.read() as uow:
        found = await uow.outbox.get(MessageId(message_id))
    assert found is not None
    return found


async def pass_by(stored: Storage, seconds: int) -> None:
    await age(stored.database, seconds)


async def test_a_message_is_there_only_if_its_cause_is(stored: Storage) -> None:
    async with stored.begin() as uow:
        await uow.outbox.add([NewMessage(kind=KIND, recipient="x", payload={}, life_seconds=60)])
    assert await take(stored) == []


async def test_a_message_is_read_back_as_it_was_written_and_is_due_at_once(stored: Storage) -> None:
    await add(stored)
    [message] = await take(stored)

    assert (message.kind, message.recipient, message.payload) == (KIND, "a client", {"n": 0})
    assert (message.status, message.attempts, message.settled_at) == (MessageStatus.WAITING, 1, None)
    assert (message.give_up_at - message.created_at).total_seconds() == pytest.approx(1000, abs=1)
    assert await get(stored, message.id) == message


async def test_of_concurrent_takers_one_has_a_message(stored: Storage) -> None:
    await add(stored, 20)
    hands = await asyncio.gather(*(take(stored, limit=4) for _ in range(CALLERS)))

    taken = [message.id for hand in hands for message in hand]
    assert len(taken) == len(set(taken))
    assert len(taken) >= 4
    taken += [message.id for message in await take(stored, limit=20)]
    assert len(set(taken)) == len(taken) == 20


async def test_what_somebody_has_in_hand_comes_back_when_it_is_lost(stored: Storage) -> None:
    await add(stored)
    [first] = await take(stored, hold_seconds=60)
    assert await take(stored) == []
    await pass_by(stored, 61)
    [second] = await take(stored)

    assert (second.id, second.attempts) == (first.id, 2)


async def test_only_kinds_that_are_asked_for_are_taken(stored: Storage) -> None:
    await add(stored, kind="another")
    assert await take(stored) == []


async def test_what_was_delivered_is_over_whoever_says_so(stored: Storage) -> None:
    await add(stored)
    [first] = await take(stored, hold_seconds=1)
    await pass_by(stored, 2)
    [second] = await take(stored)

    assert await write(stored, lambda outbox: outbox.deliver(first))
    assert not await write(stored, lambda outbox: outbox.deliver(second))
    assert not await write(stored, lambda outbox: outbox.postpone(second, seconds=5, error="late"))
    found = await get(stored, first.id)
    assert (found.status, found.last_error) == (MessageStatus.DELIVERED, None)
    assert found.settled_at is not None


async def test_who_has_lost_a_message_can_neither_postpone_nor_bury_it(stored: Storage) -> None:
    await add(stored)
    [stalled] = await take(stored, hold_seconds=1)
    await pass_by(stored, 2)
    [current] = await take(stored)

    assert not await write(stored, lambda outbox: outbox.postpone(stalled, seconds=900, error="old"))
    assert not await write(stored, lambda outbox: outbox.bury(stalled, error="old"))
    assert await get(stored, current.id) == current


async def test_what_failed_is_due_later_and_says_why(stored: Storage) -> None:
    await add(stored)
    [message] = await take(stored)
    assert await write(stored, lambda outbox: outbox.postpone(message, seconds=30.2, error="x" * 2000))

    assert await take(stored) == []
    found = await get(stored, message.id)
    assert (found.status, found.last_error) == (MessageStatus.WAITING, "x" * 500)
    await pass_by(stored, 31)
    assert [each.id for each in await take(stored)] == [message.id]


async def test_past_its_time_a_message_that_failed_is_dead(stored: Storage) -> None:
    await add(stored, life_seconds=100)
    [message] = await take(stored)
    await write(stored, lambda outbox: outbox.postpone(message, seconds=101, error="away"))

    found = await get(stored, message.id)
    assert (found.status, found.last_error) == (MessageStatus.DEAD, "away")
    await pass_by(stored, 1000)
    assert await take(stored) == []


async def test_a_dead_message_is_revived_and_a_delivered_one_is_not(stored: Storage) -> None:
    await add(stored, 2)
    dead, arrived = await take(stored)
    await write(stored, lambda outbox: outbox.bury(dead, error="refused"))
    await write(stored, lambda outbox: outbox.deliver(arrived))

    revived = await write(stored, lambda outbox: outbox.revive(dead.id, life_seconds=50))
    assert (revived.status, revived.settled_at) == (MessageStatus.WAITING, None)
    assert await write(stored, lambda outbox: outbox.revive(arrived.id, life_seconds=50)) is None
    assert await write(stored, lambda outbox: outbox.revive(MessageId(new_id()), life_seconds=50)) is None
    assert [(each.id, each.attempts) for each in await take(stored)] == [(dead.id, 2)]


async def test_messages_are_listed_the_newest_first_page_by_page(stored: Storage) -> None:
    await add(stored, 3)
    await add(stored, kind="another")
    [buried, *_] = await take(stored)
    await write(stored, lambda outbox: outbox.bury(buried, error="refused"))

    async def page(**filters: Any) -> list[Message]:
        async with stored.read() as uow:
            found: list[Message] = await uow.outbox.page(OutboxQuery(**({"limit": 10} | filters)))
        return found

    every = await page()
    assert [each.id for each in every] == sorted((each.id for each in every), reverse=True)
    assert len(every) == 4
    first = await page(limit=2)
    assert first + await page(after=first[-1].id) == every
    assert [each.id for each in await page(status=MessageStatus.DEAD)] == [buried.id]
    assert [each.kind for each in await page(kind="another")] == ["another"]
    assert await page(recipient="nobody") == []


async def backlog(stored: Storage) -> Backlog:
    async with stored.read() as uow:
        found: Backlog = await uow.outbox_desk.backlog()
    return found


async def dead(stored: Storage, *, most: int = 10) -> int:
    async with stored.read() as uow:
        found: int = await uow.outbox_desk.dead(most=most)
    return found


async def discard(stored: Storage, message_id: str) -> Message | None:
    async with stored.begin() as uow:
        found: Message | None = await uow.outbox_desk.discard(MessageId(message_id))
        await uow.commit()
    return found


async def test_the_backlog_is_what_is_due_and_in_nobodys_hand(stored: Storage) -> None:
    assert await backlog(stored) == Backlog(due=0, oldest_due_seconds=0.0)
    await add(stored, 3)
    await add(stored, kind="another")
    await pass_by(stored, 100)
    await add(stored)
    found = await backlog(stored)
    assert found.due == 5
    assert found.oldest_due_seconds == pytest.approx(100, abs=20)

    taken = await take(stored, limit=4, hold_seconds=1000)
    await write(stored, lambda outbox: outbox.bury(taken[0], error="refused"))
    await write(stored, lambda outbox: outbox.deliver(taken[1]))
    assert (await backlog(stored)).due == 1


async def test_the_dead_are_counted_up_to_so_many(stored: Storage) -> None:
    await add(stored, 4)
    for message in (await take(stored))[:3]:
        await write(stored, lambda outbox, message=message: outbox.bury(message, error="refused"))
    assert (await dead(stored), await dead(stored, most=2)) == (3, 2)


async def test_what_waits_or_was_given_up_can_be_thrown_away_and_what_arrived_cannot(stored: Storage) -> None:
    await add(stored, 3)
    waits, given_up, arrived = await take(stored)
    await write(stored, lambda outbox: outbox.bury(given_up, error="refused"))
    await write(stored, lambda outbox: outbox.deliver(arrived))

    gone = await discard(stored, waits.id)
    assert gone is not None
    assert (gone.id, gone.payload) == (waits.id, waits.payload)
    assert await discard(stored, given_up.id) is not None
    for message_id in (waits.id, arrived.id, new_id()):
        assert await discard(stored, message_id) is None
    assert not await write(stored, lambda outbox: outbox.deliver(waits)), "an attempt was under way"
    async with stored.read() as uow:
        assert [each.id for each in await uow.outbox.page(OutboxQuery(limit=10))] == [arrived.id]


@pytest.mark.parametrize("text", ["\0", "\ud800"], ids=["NUL", "a lone surrogate"])
async def test_attack_40_what_cannot_be_stored_is_nobodys_message(stored: Storage, text: str) -> None:
    await add(stored)
    async with stored.read() as uow:
        for filters in ({"kind": text}, {"recipient": text}):
            assert await uow.outbox.page(OutboxQuery(limit=10, **filters)) == []
