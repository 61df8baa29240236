"""The outbox is emptied: whatever fails, whoever dies, however many do it at once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from identity_service.application.workers.delivery import AT_ONCE, BATCH, HOLD_SECONDS, Courier, Delivery
from identity_service.domain.entities.message import Message, MessageStatus, NewMessage
from identity_service.domain.services.redelivery import NotDelivered, Undeliverable
from identity_service.ports.repositories.outbox import OutboxQuery
from tests.ageing import A_DAY, age
from tests.migrated import copy_of
from tests.storage import Storage, storage_at

KIND = "a kind"


@pytest.fixture
async def stored(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Storage]:
    async with storage_at(copy_of(sqlite_template, tmp_path)) as opened:
        yield opened


def always() -> bool:
    return True


async def add(stored: Storage, number: int = 1, *, life_seconds: int = A_DAY) -> None:
    async with stored.begin() as uow:
        await uow.outbox.add(
            [
                NewMessage(kind=KIND, recipient="a client", payload={"n": at}, life_seconds=life_seconds)
                for at in range(number)
            ]
        )
        await uow.commit()


async def messages(stored: Storage) -> list[Message]:
    async with stored.read() as uow:
        found: list[Message] = await uow.outbox.page(OutboxQuery(limit=500))
    return found


class Recipient:
    """Takes messages, and fails as it is told to."""

    def __init__(self, *failures: BaseException) -> None:
        self.failures = list(failures)
        self.got: list[int] = []

    async def __call__(self, message: Message) -> None:
        self.got.append(message.payload["n"])
        if self.failures:
            raise self.failures.pop(0)


def delivery_to(stored: Storage, courier: Courier) -> Delivery:
    return Delivery(begin=stored.begin, couriers={KIND: courier}, chance=lambda: 0.0)


async def test_everything_that_is_due_is_delivered_once(stored: Storage) -> None:
    recipient = Recipient()
    deliver = delivery_to(stored, recipient)
    await add(stored, BATCH + 3)

    assert await deliver(always) == BATCH + 3
    assert await deliver(always) == 0
    assert deliver.attempts == {(KIND, "delivered"): BATCH + 3}
    assert sorted(recipient.got) == list(range(BATCH + 3))
    assert {each.status for each in await messages(stored)} == {MessageStatus.DELIVERED}


async def test_it_stops_between_two_batches(stored: Storage) -> None:
    await add(stored, BATCH + 1)
    answers = iter((True, False))
    assert await delivery_to(stored, Recipient())(lambda: next(answers)) == BATCH


async def test_what_fails_is_tried_again_after_a_while_that_grows(stored: Storage) -> None:
    recipient = Recipient(*(NotDelivered("away") for _ in range(3)))
    deliver = delivery_to(stored, recipient)
    await add(stored)

    for wait in (5, 10, 20):
        assert await deliver(always) == 0
        assert await deliver(always) == 0, "it is not due yet"
        [message] = await messages(stored)
        assert (message.status, message.last_error) == (MessageStatus.WAITING, "away")
        await age(stored.database, wait + 1)
    assert await deliver(always) == 1
    assert len(recipient.got) == 4
    assert deliver.attempts == {(KIND, "failed"): 3, (KIND, "delivered"): 1}


async def test_who_dies_between_sending_and_marking_has_it_sent_again(stored: Storage) -> None:
    recipient = Recipient(asyncio.CancelledError())
    deliver = delivery_to(stored, recipient)
    await add(stored)

    with pytest.raises(asyncio.CancelledError):
        await deliver(always)
    assert await deliver(always) == 0, "somebody may still have it in hand"
    await age(stored.database, HOLD_SECONDS + 1)
    assert await deliver(always) == 1
    assert recipient.got == [0, 0]


@pytest.mark.parametrize(
    ("failure", "life_seconds", "why"),
    [(Undeliverable("refused"), A_DAY, "refused"), (NotDelivered("away"), 3, "away")],
    ids=["a last word", "its time is over"],
)
async def test_a_message_that_will_not_arrive_is_dead_and_the_log_says_so(
    stored: Storage,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    life_seconds: int,
    why: str,
) -> None:
    recipient = Recipient(failure)
    await add(stored, life_seconds=life_seconds)
    deliver = delivery_to(stored, recipient)
    with caplog.at_level(logging.WARNING):
        await deliver(always)

    assert deliver.attempts == {(KIND, "dead"): 1}
    [message] = await messages(stored)
    assert (message.status, message.last_error) == (MessageStatus.DEAD, why)
    [record] = [each for each in caplog.records if each.message == "a message was given up"]
    assert record.why == why
    await age(stored.database, 10 * A_DAY)
    assert await delivery_to(stored, recipient)(always) == 0
    assert len(recipient.got) == 1


async def test_a_defect_of_one_message_holds_no_other_up(
    stored: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    await add(stored, 3)
    assert await delivery_to(stored, Recipient(KeyError("x")))(always) == 2

    assert "met a defect" in caplog.text
    [waiting] = [each for each in await messages(stored) if each.status is MessageStatus.WAITING]
    assert waiting.last_error == "a defect, which the log tells"


async def test_two_leaders_at_once_send_nothing_twice(stored: Storage) -> None:
    recipient = Recipient()
    await add(stored, BATCH + 10)
    done = await asyncio.gather(*(delivery_to(stored, recipient)(always) for _ in range(2)))

    assert sum(done) == BATCH + 10
    assert sorted(recipient.got) == list(range(BATCH + 10))


async def test_no_more_than_so_many_are_sent_at_once(stored: Storage) -> None:
    under_way, most = 0, 0

    async def slow(message: Message) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await add(stored, 2 * AT_ONCE)
    await delivery_to(stored, slow)(always)
    assert most == AT_ONCE


async def test_a_kind_that_nobody_here_knows_is_left_alone(stored: Storage) -> None:
    await add(stored)
    knows_nothing = Delivery(begin=stored.begin, couriers={}, chance=lambda: 0.0)
    assert await knows_nothing(always) == 0
    [message] = await messages(stored)
    assert message.attempts == 0
