"""Several processes on one port: kept at their number, replaced one by one, stopped without losing a request."""

import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import wait
from socket import socket
from typing import Final

from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE

from identity_service.server.listeners import Listeners
from identity_service.server.stopping import CLOSING_SECONDS, CUT_SHORT
from identity_service.server.worker import Worker

log = logging.getLogger(__name__)

TICK_SECONDS: Final = 0.1
START_SECONDS: Final = 60.0
"""So long the successor of a worker may take until it can answer; then the old one goes on."""
SILENT_SECONDS: Final = 30.0
"""A worker that has not answered its parent for so long is stopped in its tracks, and replaced."""
PAUSE_SECONDS: Final = 1.0
"""Before a worker is started in place of one that never got ready."""
PATIENCE_SECONDS: Final = 5.0
"""Beyond the times of the settings, before a worker that was told to stop is killed."""


class Workers:
    """The parent of the workers. Each has a place, and its successor has the same one.

    A successor is ready before its predecessor is told to stop, and one is replaced at a time.
    """

    def __init__(
        self,
        config: Config,
        listener: socket,
        *,
        number: int,
        delay_seconds: float,
        grace_seconds: float,
    ) -> None:
        """`delay_seconds` and `grace_seconds`: how long a worker may serve on, and then finish, after SIGTERM."""
        self._config = config
        self._listeners = Listeners(listener)
        self._grace = grace_seconds
        self._patience = delay_seconds + grace_seconds + CLOSING_SECONDS + PATIENCE_SECONDS
        self._serving: list[Worker] = []
        self._leaving: list[Worker] = []
        self._due: deque[Worker] = deque()
        self._successor: tuple[Worker, Worker] | None = None
        self._signals: deque[int] = deque()
        self._next_start = 0.0
        self._stopping = False
        self._was_ready = False
        self._status = 0
        self.number = number
        self.deaths = 0
        self.on_end: Callable[[int], None] = lambda pid: None

    def run(self) -> int:
        """Until a signal says stop and all have stopped. Returns the exit status."""
        with self._watched_signals():
            while not self._stopping or self._serving or self._leaving:
                self._tick(time.monotonic())
                wait([worker.sentinel for worker in self._all], TICK_SECONDS)
        return self._status

    @contextmanager
    def _watched_signals(self) -> Iterator[None]:
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTTIN, signal.SIGTTOU)
        before = [signal.signal(each, lambda number, frame: self._signals.append(number)) for each in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def _tick(self, now: float) -> None:
        while self._signals:
            self._obey(self._signals.popleft(), now)
        for worker in self._all:
            self._look_after(worker, now)
        if not self._stopping:
            self._replace(now)
            self._fill_up(now)

    @property
    def _all(self) -> list[Worker]:
        return [*self._serving, *self._leaving, *(self._successor or ())[1:]]

    def _look_after(self, worker: Worker, now: float) -> None:
        worker.converse(now)
        self._was_ready |= worker.ready
        if worker.exitcode is not None:
            self._ended(worker, now)
        elif now > worker.leave_by or worker.silent(now) > SILENT_SECONDS:
            log.error("worker %s does not answer and is killed", worker.pid)
            worker.tell(signal.SIGKILL)

    def _obey(self, number: int, now: float) -> None:
        match number:
            case signal.SIGTERM | signal.SIGINT:
                self._stop(now)
            case signal.SIGHUP:
                log.info("replacing %d workers one by one", len(self._serving))
                self._due = deque(self._serving)
            case signal.SIGTTIN:
                self.number += 1
            case signal.SIGTTOU if self.number > 1:
                self.number -= 1

    def _stop(self, now: float) -> None:
        """At the second time the workers leave at once."""
        self._stopping = True
        self._listeners.close()  # or whoever connects from now on would wait for nobody
        if self._successor is not None:
            self._serving.append(self._successor[1])
            self._successor = None
        for worker in (*self._serving, *self._leaving):
            self._retire(worker, now)

    def _retire(self, worker: Worker, now: float) -> None:
        if worker in self._serving:
            self._serving.remove(worker)
            self._leaving.append(worker)
            worker.leave_by = now + self._patience
        worker.tell(signal.SIGTERM)

    def _ended(self, worker: Worker, now: float) -> None:
        worker.close()
        if worker.pid is not None:
            self.on_end(worker.pid)
        if worker in self._leaving:
            self._leaving.remove(worker)
            self._judge(worker)
        elif worker in self._serving:
            self._serving.remove(worker)
            self._died(worker, now)
        else:
            self._give_up(worker)

    def _judge(self, worker: Worker) -> None:
        """A worker that never got ready had nothing under way, whatever it ended with."""
        if worker.exitcode and worker.ready and self._stopping:
            self._status = self._status or CUT_SHORT

    def _died(self, worker: Worker, now: float) -> None:
        if worker.exitcode == STARTUP_FAILURE and not self._was_ready:
            self._status = STARTUP_FAILURE  # and so would every other
            self._stop(now)
            return
        self.deaths += 1
        if self._successor is None or self._successor[0] is not worker:
            self._listeners.renew(worker.place)
        log.error("worker %s ended with status %s and is replaced", worker.pid, worker.exitcode)
        self._next_start = now if worker.ready else now + PAUSE_SECONDS

    def _give_up(self, successor: Worker) -> None:
        log.error("worker %s ended before it was ready: the old workers go on", successor.pid)
        self._due.clear()
        self._successor = None

    def _replace(self, now: float) -> None:
        if self._successor is None:
            self._begin_replacing()
            return
        old, new = self._successor
        if new.ready or old not in self._serving:
            self._successor = None
            self._serving.append(new)
            if old in self._serving:
                self._retire(old, now)
        elif now - new.born > START_SECONDS:
            log.error("worker %s did not get ready in time", new.pid)
            new.tell(signal.SIGKILL)

    def _begin_replacing(self) -> None:
        """One after the other: the last one has left."""
        while self._due and not self._leaving and self._successor is None:
            old = self._due.popleft()
            if old in self._serving:
                self._successor = (old, self._started(old.place))

    def _fill_up(self, now: float) -> None:
        while len(self._serving) > self.number:
            self._listeners.leave(self._serving[-1].place)
            self._retire(self._serving[-1], now)
        while len(self._serving) < self.number and now >= self._next_start:
            taken = {worker.place for worker in self._serving}
            self._serving.append(self._started(next(place for place in count() if place not in taken)))

    def _started(self, place: int) -> Worker:
        worker = Worker(self._config, self._listeners.at(place), place, grace_seconds=self._grace)
        worker.start()
        return worker
