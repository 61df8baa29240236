"""Work in the background: when it is done, by whom, and how it survives failure."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from identity_service.ports.leader import Leases
from identity_service.ports.tokens.key_ring import KeysUnavailable
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

LEASE = "workers"
LEASE_SECONDS = 15
LONGEST_DELAY = 30.0
"""Seconds between two attempts while something fails."""
STOPPING_SECONDS = 5.0
"""How long a batch under way may take when the process stops."""

GoOn = Callable[[], bool]
Pause = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work done `every` so many seconds.

    With `alone` only the leader does it. `run` is given a function to ask, between two batches, whether it may go on.
    """

    name: str
    every: float
    run: Callable[[GoOn], Awaitable[object]]
    alone: bool = True


class Workers:
    """Runs jobs until it is stopped; one process of all that share the database leads.

    - A job that fails is tried again, ever more slowly; the first failure is logged, and when all is well again.
    - Leadership is judged by the time before the lease was asked for: a process that stalled knows that it has lost it.
    - Stopping lets a batch finish, and hands the lease back so that another process leads at once.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        *,
        leases: Leases,
        holder: str,
        clock: Callable[[], float],
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._jobs = (*jobs, Job(name="lead", every=LEASE_SECONDS / 5, run=self._lead, alone=False))
        self._leases = leases
        self._holder = holder
        self._clock = clock
        self._pause = pause
        self._led_until = float("-inf")
        self._failing: set[str] = set()
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def leading(self) -> bool:
        """Whether this process holds the lease."""
        return self._clock() < self._led_until

    def start(self) -> None:
        """Begins in the background; the first run of a job comes after its first pause."""
        self._tasks = [
            asyncio.create_task(self._repeat(job), name=f"worker-{job.name}") for job in self._jobs
        ]

    async def stop(self) -> None:
        """Ends all jobs and gives the lease back. Raises nothing of theirs."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOPPING_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            self._tasks = []
        if self.leading:
            self._led_until = float("-inf")
            with suppress(StorageUnavailable, TimeoutError):
                async with asyncio.timeout(STOPPING_SECONDS):
                    await self._leases.give_back(LEASE, holder=self._holder)

    async def _lead(self, go_on: GoOn) -> None:
        asked = self._clock()
        if await self._leases.take(LEASE, holder=self._holder, seconds=LEASE_SECONDS):
            self._led_until = asked + LEASE_SECONDS

    async def _repeat(self, job: Job) -> None:
        failures = 0
        while not await self._paused(min(job.every * 2**failures, max(job.every, LONGEST_DELAY))):
            if not job.alone or self.leading:
                failures = 0 if await self._did(job) else min(failures + 1, 10)

    async def _paused(self, seconds: float) -> bool:
        """Waits that long; True when it is time to stop."""
        waiting = [asyncio.ensure_future(reason) for reason in (self._stopping.wait(), self._pause(seconds))]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return self._stopping.is_set()

    async def _did(self, job: Job) -> bool:
        try:
            await job.run(lambda: self._may_go_on(job))
        except StorageUnavailable as error:
            self._failed(job, f"the database cannot be used ({error})")
        except KeysUnavailable as error:
            self._failed(job, f"keys cannot be used ({error})")
        except Exception:
            log.exception("worker %s: a defect; it is tried again", job.name)
            self._failed(job, "see above")
        else:
            self._succeeded(job)
            return True
        return False

    def _may_go_on(self, job: Job) -> bool:
        return not self._stopping.is_set() and (self.leading or not job.alone)

    def _failed(self, job: Job, reason: str) -> None:
        if not self._failing:
            log.warning("worker %s: %s; background work is tried again until it succeeds", job.name, reason)
        self._failing.add(job.name)

    def _succeeded(self, job: Job) -> None:
        if job.name in self._failing:
            self._failing.discard(job.name)
            if not self._failing:
                log.info("background work goes on")
