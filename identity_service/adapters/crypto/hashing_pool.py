"""Decides which hashing jobs are admitted, in which order they run, and who is sent away."""

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any, Final, TypeVar

from identity_service.adapters.crypto.fair_queue import Address
from identity_service.adapters.crypto.waiting_room import WaitingRoom
from identity_service.ports.security import HashingBusy, Standing

Result = TypeVar("Result")

ALWAYS_ADMITTED: Final = 64
"""So many may wait however slow hashing is (PROTOCOL §7)."""
_SHARE: Final = 2  # an address may hold one half of the queue while others wait
_WEIGHT: Final = 0.2  # of the newest duration in the moving average
_LONGEST_RETRY_SECONDS: Final = 60
_log = logging.getLogger(__name__)
_NICE: Final = 5
"""By how much threads that hash give way to whatever else the machine does: the loop, which answers everybody."""


@dataclass(eq=False, slots=True)
class _Entry:
    job: Callable[[], Any]
    result: asyncio.Future[Any]
    came: float
    seconds: float = 0.0


class HashingPool:
    """Runs blocking jobs in a fixed number of threads, by standing and fairly per address, with a bounded queue.

    - Up to 64 entries may always wait. Beyond that a newcomer is refused when the predicted wait (pending entries times
      the moving average of a job, divided by the threads) is over `max_wait_seconds`.
    - Each standing has its share of the turns. Who is known to their account, and who comes from where there is nothing
      to suspect, does not wait behind a flood of suspects, and a full queue sends one of these away for them.
    - While others of its standing wait, an address holds at most half of the queue. A full queue makes room for an
      address that holds less than another of its standing, by sending away the newest entry of the one that holds most:
      nobody can shut others out by being first.
    - A cancelled caller leaves the queue at once; a job that runs already is finished, for a thread cannot be stopped.
    - The threads have a lower priority than the rest of the process, where the system gives threads one of their own.

    One event loop only; all bookkeeping is done there, so there are no locks. Since the start it has counted: jobs
    `started` and the seconds that they waited before, jobs `finished` and the seconds that threads were busy with
    them, and callers `refused` with HashingBusy.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        max_wait_seconds: float = 10.0,
        first_estimate_seconds: float = 0.3,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`threads` defaults to the usable CPUs; `first_estimate_seconds` is the average at the start."""
        self._threads = usable_cpus() if threads is None else threads
        if self._threads < 1 or max_wait_seconds <= 0:
            raise ValueError("a hashing pool needs at least one thread and a positive longest wait")
        self._max_wait_seconds = max_wait_seconds
        self._average_seconds = first_estimate_seconds
        self._clock = clock
        self._executor = ThreadPoolExecutor(
            self._threads, thread_name_prefix="hashing", initializer=_give_way
        )
        self._queue: WaitingRoom[_Entry] = WaitingRoom()
        self._running: set[asyncio.Future[Any]] = set()
        self._closed = False
        self.refused = 0
        self.finished = 0
        self.busy_seconds = 0.0
        self.started = 0
        self.waited_seconds = 0.0

    @property
    def queued(self) -> int:
        """Entries that wait now."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """Jobs in threads now."""
        return len(self._running)

    @property
    def threads(self) -> int:
        """Jobs that can run at the same time."""
        return self._threads

    async def run(
        self, job: Callable[[], Result], *, address: Address, standing: Standing = Standing.FRESH
    ) -> Result:
        """Returns what the job returns or raises what it raises. Raises HashingBusy when there is no room."""
        self._admit(address, standing)
        entry = _Entry(job, asyncio.get_running_loop().create_future(), self._clock())
        self._queue.add(address, entry, standing)
        self._start_waiting()
        try:
            result: Result = await entry.result
            return result
        finally:
            self._queue.discard(address, entry)

    async def close(self) -> None:
        """Sends the waiting away, lets the running finish, ends the threads; `run` is refused from then on."""
        self._closed = True
        while self._queue:
            self._send_away(self._queue.take())
        if self._running:
            await asyncio.wait(self._running)
        self._executor.shutdown()

    def expect_room(self, address: Address, standing: Standing) -> None:
        """Raises HashingBusy where `run` would do so at this moment."""
        if standing is Standing.SUSPECT:
            self._queue.suspect(address)
        held = self._queue.count(address, standing)
        others_wait = self._queue.waiting(standing) > held
        too_greedy = others_wait and held >= self._capacity() // _SHARE
        full = self.queued >= self._capacity() and self._queue.yields(address, standing) is None
        if self._closed or too_greedy or full:
            raise self._busy()

    def _admit(self, address: Address, standing: Standing) -> None:
        self.expect_room(address, standing)
        if self.queued >= self._capacity():
            self._send_away(self._queue.make_room(address, standing))

    def _capacity(self) -> int:
        return max(ALWAYS_ADMITTED, int(self._max_wait_seconds / self._seconds_each()) - self.running)

    def _send_away(self, entry: _Entry) -> None:
        if not entry.result.done():
            entry.result.set_exception(self._busy())

    def _busy(self) -> HashingBusy:
        self.refused += 1
        wait = ceil((self.queued + self.running) * self._seconds_each())
        return HashingBusy(min(max(wait, 1), _LONGEST_RETRY_SECONDS))

    def _seconds_each(self) -> float:
        return max(self._average_seconds / self._threads, 1e-6)

    def _start_waiting(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue and self.running < self._threads:
            entry = self._queue.take()
            if entry.result.done():  # its caller is cancelled and has not run since
                continue
            self.started += 1
            self.waited_seconds += self._clock() - entry.came
            future = loop.run_in_executor(self._executor, self._timed, entry)
            self._running.add(future)
            future.add_done_callback(partial(self._finished, entry))

    def _timed(self, entry: _Entry) -> Any:
        start = self._clock()
        try:
            return entry.job()
        finally:
            entry.seconds = self._clock() - start

    def _finished(self, entry: _Entry, future: asyncio.Future[Any]) -> None:
        self._running.discard(future)
        self.finished += 1
        self.busy_seconds += entry.seconds
        self._average_seconds += _WEIGHT * (entry.seconds - self._average_seconds)
        error = future.exception()
        if not entry.result.done():
            if error is None:
                entry.result.set_result(future.result())
            else:
                entry.result.set_exception(error)
        self._start_waiting()


def usable_cpus() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _give_way() -> None:
    """Run by each thread as it begins. On Linux a thread has a niceness of its own; elsewhere the process has one."""
    if sys.platform != "linux":
        return
    try:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.nice(0) + _NICE)
    except OSError as error:  # a sandbox may forbid it
        _log.debug("threads that hash have the priority of all others: %s", error)
