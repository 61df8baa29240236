"""Background work: who does it, how often, how it survives failure and how it stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from identity_service.application.workers.runner import LEASE_SECONDS, GoOn, Job, Workers
from identity_service.ports.unit_of_work import StorageUnavailable


class Clock:
    """Time that passes when the test says so; pauses end as soon as it has passed over them."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.asked: list[float] = []
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.asked.append(seconds)
        woken = asyncio.Event()
        self._sleepers.append((self.now + seconds, woken))
        await woken.wait()

    async def pass_by(self, seconds: float) -> None:
        """In steps of a second, each followed by whatever became due."""
        for _ in range(round(seconds)):
            self.now += 1
            for due, woken in self._sleepers:
                if due <= self.now:
                    woken.set()
            self._sleepers = [(due, woken) for due, woken in self._sleepers if due > self.now]
            await settle()


class OneLease:
    """The port `Leases` over a clock; `away` makes it fail."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.holder: str | None = None
        self.until = 0.0
        self.away = False

    async def take(self, name: str, *, holder: str, seconds: int) -> bool:
        if self.away:
            raise StorageUnavailable("connection refused")
        if self.holder not in (None, holder) and self._clock() < self.until:
            return False
        self.holder, self.until = holder, self._clock() + seconds
        return True

    async def give_back(self, name: str, *, holder: str) -> None:
        if self.holder == holder:
            self.holder = None


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@asynccontextmanager
async def running(*jobs: Job, clock: Clock, leases: OneLease, holder: str = "me") -> AsyncIterator[Workers]:
    workers = Workers(jobs, leases=leases, holder=holder, clock=clock, pause=clock.pause)
    workers.start()
    await settle()
    yield workers
    await workers.stop()


class Counted:
    """Work that counts its runs and fails when told to."""

    def __init__(self) -> None:
        self.runs = 0
        self.failure: Exception | None = None

    async def __call__(self, go_on: GoOn) -> None:
        self.runs += 1
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(clock: Clock) -> OneLease:
    return OneLease(clock)


async def test_a_job_is_done_as_often_as_it_says(clock: Clock, leases: OneLease) -> None:
    work = Counted()
    async with running(Job(name="w", every=10, run=work, alone=False), clock=clock, leases=leases):
        await clock.pass_by(9)
        assert work.runs == 0
        await clock.pass_by(21)
        assert work.runs == 3


async def test_only_the_leader_does_what_is_to_be_done_alone(clock: Clock, leases: OneLease) -> None:
    mine, theirs = Counted(), Counted()
    async with (
        running(Job(name="w", every=1, run=mine), clock=clock, leases=leases, holder="a"),
        running(Job(name="w", every=1, run=theirs), clock=clock, leases=leases, holder="b"),
    ):
        await clock.pass_by(60)

    assert sorted((bool(mine.runs), bool(theirs.runs))) == [False, True]


async def test_what_every_process_does_needs_no_lease(clock: Clock, leases: OneLease) -> None:
    leases.holder, leases.until = "other", clock() + 1000
    work, alone = Counted(), Counted()
    jobs = (Job(name="w", every=1, run=work, alone=False), Job(name="x", every=1, run=alone))
    async with running(*jobs, clock=clock, leases=leases):
        await clock.pass_by(30)

    assert work.runs == 30
    assert alone.runs == 0


async def test_a_leader_that_cannot_prolong_its_lease_stops_leading(clock: Clock, leases: OneLease) -> None:
    work = Counted()
    async with running(Job(name="w", every=1, run=work), clock=clock, leases=leases) as workers:
        await clock.pass_by(10)
        assert workers.leading
        leases.away = True
        await clock.pass_by(LEASE_SECONDS)
        done = work.runs
        await clock.pass_by(30)
        assert not workers.leading
        assert work.runs == done


async def test_a_leader_that_stalled_knows_that_its_lease_is_over(clock: Clock, leases: OneLease) -> None:
    asked: list[bool] = []

    async def stalls(go_on: GoOn) -> None:
        asked.append(go_on())
        clock.now += LEASE_SECONDS
        asked.append(go_on())

    async with running(Job(name="w", every=5, run=stalls), clock=clock, leases=leases):
        await clock.pass_by(5)

    assert asked == [True, False]


async def test_a_process_that_stops_hands_the_lease_over_at_once(clock: Clock, leases: OneLease) -> None:
    async with running(clock=clock, leases=leases) as workers:
        await clock.pass_by(5)
        assert leases.holder == "me"
    assert leases.holder is None
    assert not workers.leading


async def test_stopping_asks_a_batch_under_way_to_end_and_waits_for_it(
    clock: Clock, leases: OneLease
) -> None:
    batches: list[int] = []

    async def many(go_on: GoOn) -> None:
        while go_on():
            batches.append(1)
            await asyncio.sleep(0)
        batches.append(0)

    async with running(Job(name="w", every=1, run=many, alone=False), clock=clock, leases=leases):
        await clock.pass_by(1)
        assert batches[-1] == 1
    assert batches[-1] == 0


async def test_without_the_database_work_is_tried_ever_more_slowly_and_goes_on_when_it_is_back(
    clock: Clock, leases: OneLease, caplog: pytest.LogCaptureFixture
) -> None:
    work = Counted()
    work.failure = StorageUnavailable("connection refused")
    caplog.set_level(logging.INFO)
    async with running(Job(name="w", every=1, run=work, alone=False), clock=clock, leases=leases):
        await clock.pass_by(300)
        assert 10 <= work.runs <= 20
        assert max(clock.asked) <= 30
        work.failure = None
        await clock.pass_by(30)
        recovered = work.runs
        await clock.pass_by(10)
        assert work.runs == recovered + 10

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "connection refused" in caplog.messages[0]


async def test_several_jobs_that_fail_for_one_reason_say_so_once(
    clock: Clock, leases: OneLease, caplog: pytest.LogCaptureFixture
) -> None:
    works = [Counted() for _ in range(3)]
    leases.away = True
    for work in works:
        work.failure = StorageUnavailable("gone")
    jobs = [Job(name=str(n), every=1, run=work, alone=False) for n, work in enumerate(works)]
    async with running(*jobs, clock=clock, leases=leases):
        await clock.pass_by(100)

    assert len(caplog.records) == 1


async def test_a_defect_in_a_job_ends_neither_that_job_nor_the_others(
    clock: Clock, leases: OneLease, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = Counted(), Counted()
    broken.failure = ZeroDivisionError("a defect")
    jobs = [Job(name="b", every=1, run=broken, alone=False), Job(name="s", every=1, run=sound, alone=False)]
    async with running(*jobs, clock=clock, leases=leases):
        await clock.pass_by(20)

    assert sound.runs == 20
    assert broken.runs > 1
    assert any(record.exc_info for record in caplog.records)
