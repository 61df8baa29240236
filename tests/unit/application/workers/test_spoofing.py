"""Attempts at spoofing become events, and a flood of them does not become a flood."""

from types import TracebackType
from typing import Self

import pytest

from identity_service.application.workers.spoofing import (
    AGAIN_SECONDS,
    MOST_EVENTS,
    MOST_SOURCES,
    SpoofingWatch,
)
from identity_service.domain.entities.network_event import ForwardingSpoofed
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.clock import Clock

KIND = "claimed_proxy"


class Log:
    """As much of a unit of work as events take."""

    def __init__(self) -> None:
        self.events = self
        self.written: list[ForwardingSpoofed] = []
        self.away = False
        self._new: list[ForwardingSpoofed] = []

    def __call__(self) -> Self:
        self._new = []
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Nothing is kept but what was committed."""

    def add(self, event: ForwardingSpoofed) -> None:
        self._new.append(event)

    async def commit(self) -> None:
        if self.away:
            raise StorageUnavailable("it is away")
        self.written += self._new

    @property
    def told(self) -> list[tuple[str | None, int]]:
        return [(event.address, event.times) for event in self.written]


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(log: Log, clock: Clock) -> SpoofingWatch:
    return SpoofingWatch(begin=log, clock=clock)  # type: ignore[arg-type]  # as much of it as it takes


async def write(watch: SpoofingWatch) -> None:
    await watch(lambda: True)


async def test_a_thousand_attempts_of_a_source_are_one_event_that_says_so(
    watch: SpoofingWatch, log: Log
) -> None:
    for at in range(1000):
        watch.note(KIND, f"2001:db8::{at:x}")
    await write(watch)
    await write(watch)

    assert log.told == [("2001:db8::/64", 1000)]
    assert watch.counts == {KIND: 1000}


async def test_what_a_source_does_afterwards_stands_in_its_next_event(
    watch: SpoofingWatch, log: Log, clock: Clock
) -> None:
    for _ in range(3):
        watch.note(KIND, "203.0.113.1")
        await write(watch)
    clock.now += AGAIN_SECONDS
    await write(watch)

    assert log.told == [("203.0.113.1", 1), ("203.0.113.1", 2)]


async def test_kinds_are_told_apart(watch: SpoofingWatch, log: Log) -> None:
    for kind in ("untrusted_peer", KIND):
        watch.note(kind, "203.0.113.1")
    await write(watch)

    assert [event.kind for event in log.written] == ["untrusted_peer", KIND]


async def test_many_sources_become_few_events_and_are_all_counted(
    watch: SpoofingWatch, log: Log, clock: Clock
) -> None:
    for at in range(1000):
        watch.note(KIND, f"10.0.{at // 250}.{at % 250}")
    for _ in range(10):
        await write(watch)
        clock.now += 10
    assert len(log.written) == MOST_EVENTS
    clock.now += AGAIN_SECONDS
    for _ in range(10):
        await write(watch)

    assert len(log.written) == 2 * MOST_EVENTS
    assert len(watch._noted) <= MOST_SOURCES
    assert watch.counts == {KIND: 1000}


async def test_what_cannot_be_written_now_is_written_later(watch: SpoofingWatch, log: Log) -> None:
    watch.note(KIND, "203.0.113.1")
    log.away = True
    with pytest.raises(StorageUnavailable):
        await write(watch)
    watch.note(KIND, "203.0.113.1")
    log.away = False
    await write(watch)

    assert log.told == [("203.0.113.1", 2)]


async def test_what_is_nobodys_for_certain_is_counted_alone(watch: SpoofingWatch, log: Log) -> None:
    watch.count("untrusted_peer", "203.0.113.1")
    await write(watch)

    assert (watch.counts, log.written) == ({"untrusted_peer": 1}, [])
