"""Places are as many as they were, whoever waited, gave up, or was broken off."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_service.adapters.sql.turns import Turns

LONG = 60.0


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_has_waited_longest_is_next() -> None:
    turns, order = Turns(1, timeout_seconds=LONG), list[int]()

    async def one(number: int) -> None:
        await turns.wait()
        order.append(number)

    assert turns.take()
    tasks = [asyncio.create_task(one(number)) for number in range(3)]
    for expected in (1, 2, 3):
        await settle()
        turns.give_back()
        await settle()
        assert len(order) == expected
    assert order == [0, 1, 2]
    await asyncio.gather(*tasks)


async def test_a_place_that_is_handed_over_is_not_free_for_who_comes_meanwhile() -> None:
    turns = Turns(1, timeout_seconds=LONG)
    assert turns.take()
    waiting = asyncio.create_task(turns.wait())
    await settle()
    turns.give_back()

    assert not turns.take()
    await waiting


async def test_who_waits_too_long_gets_nothing_and_takes_nothing() -> None:
    turns = Turns(1, timeout_seconds=0.0)
    assert turns.take()
    with pytest.raises(TimeoutError):
        await turns.wait()
    turns.give_back()

    assert turns.take()
    assert not turns.take()


async def test_who_is_broken_off_as_its_turn_comes_passes_it_on() -> None:
    turns = Turns(1, timeout_seconds=LONG)
    assert turns.take()
    first, second = asyncio.create_task(turns.wait()), asyncio.create_task(turns.wait())
    await settle()
    turns.give_back()
    first.cancel()
    await settle()

    assert first.cancelled()
    assert second.done()
    turns.give_back()
    assert turns.take()
    assert not turns.take()


class Crowd:
    """Who has a place, and who waits for one."""

    def __init__(self, size: int) -> None:
        self.turns = Turns(size, timeout_seconds=LONG)
        self.held = 0
        self.tasks: list[asyncio.Task[None]] = []

    def want(self) -> None:
        if self.turns.take():
            self.held += 1
        else:
            self.tasks.append(asyncio.create_task(self.turns.wait()))

    def give(self) -> None:
        if self.held:
            self.turns.give_back()
            self.held -= 1

    def break_off(self) -> None:
        if self.tasks:
            self.tasks[len(self.tasks) // 2].cancel()

    async def go_on(self) -> None:
        await settle()
        self.held += sum(task.done() and not task.cancelled() for task in self.tasks)
        self.tasks = [task for task in self.tasks if not task.done()]


@given(size=st.integers(1, 3), steps=st.text("wgcs", max_size=40))
@settings(deadline=None)
def test_no_place_is_lost_or_made(size: int, steps: str) -> None:
    """Whatever is waited for, given back or broken off, in whatever order."""

    async def run() -> None:
        crowd = Crowd(size)
        of = {"w": crowd.want, "g": crowd.give, "c": crowd.break_off}
        for step in steps:
            of.get(step, lambda: None)()
            if step == "s":
                await crowd.go_on()
                assert crowd.held <= size
        for task in crowd.tasks:
            task.cancel()
        await crowd.go_on()
        for _ in range(crowd.held):
            crowd.turns.give_back()
        assert [crowd.turns.take() for _ in range(size + 1)] == [True] * size + [False]

    asyncio.run(run())
