"""One of several processes that serve the same port, seen from its parent and from within."""

import logging
import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from socket import socket
from typing import Final

from uvicorn import Config
from uvicorn.supervisors.multiprocess import Process

from identity_service.server.stopping import Server

log = logging.getLogger(__name__)

PARENT_CHECK_SECONDS: Final = 1.0
UNASKED_SECONDS: Final = 5.0
"""A worker that serves is asked so often whether it is still there."""


class WorkerServer(Server):
    """The server of a worker. Its parent alone tells it to stop: Ctrl+C and a hang-up reach the whole group."""

    @property
    def ready(self) -> bool:
        """Whether it listens, and the application holds what it needs to answer."""
        return self.started and bool(self.lifespan.state["run_state"].prepared)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """SIGTERM alone."""
        with super().capture_signals():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            yield


class Worker(Process):
    """A process, and the pipe over which it says that it is there and whether it is ready."""

    def __init__(self, config: Config, sockets: list[socket], place: int, *, grace_seconds: float) -> None:
        """`grace_seconds`: how long requests under way may take when it is told to stop."""
        self.place = place
        self._grace = grace_seconds
        self.ready = False
        self.born = time.monotonic()
        self.leave_by = float("inf")
        self._heard: float | None = None
        self._asked: float | None = None
        super().__init__(config, sockets)

    def start(self) -> None:
        """Until the child listens to signals itself, it ignores those that are its parent's."""
        ignored = (signal.SIGINT, signal.SIGHUP)
        before = [signal.signal(number, signal.SIG_IGN) for number in ignored]
        try:
            super().start()
        finally:
            for number, handler in zip(ignored, before, strict=True):
                signal.signal(number, handler)

    def target(self, sockets: list[socket] | None = None) -> None:
        """In the child: serves, and answers the parent meanwhile."""
        server = WorkerServer(self.config, grace_seconds=self._grace)
        threading.Thread(target=self._answer_parent, args=(server,), daemon=True).start()
        server.run(sockets)

    def _answer_parent(self, server: WorkerServer) -> None:
        """Without a parent it stops: nobody would replace it, or tell it to."""
        parent = os.getppid()
        while os.getppid() == parent:
            if self.child_conn.poll(PARENT_CHECK_SECONDS):
                self.child_conn.recv()
                self.child_conn.send(server.ready)
        log.error("the parent process is gone: stopping")
        os.kill(os.getpid(), signal.SIGTERM)

    def converse(self, now: float) -> None:
        """In the parent: takes note of an answer, and asks again when it is time. Never waits."""
        with suppress(OSError, EOFError):  # it has just ended
            while self.parent_conn.poll(0):
                self.ready = self.parent_conn.recv() or self.ready
                self._asked, self._heard = None, now
            if self._asked is None and (not self.ready or now - (self._heard or 0.0) >= UNASKED_SECONDS):
                self.parent_conn.send(b"ping")
                self._asked = now

    def silent(self, now: float) -> float:
        """Seconds that it has owed an answer, after it had given one."""
        return 0.0 if self._asked is None or self._heard is None else now - self._asked

    @property
    def sentinel(self) -> int:
        """What to wait for: it is ready to read when the process has ended."""
        return self.process.sentinel

    def tell(self, number: signal.Signals) -> None:
        """Sends it a signal, if it is still there."""
        if self.exitcode is None and self.pid is not None:
            os.kill(self.pid, number)

    def close(self) -> None:
        """Of a process that has ended: nothing is left of it."""
        self.process.join()
        self.parent_conn.close()
        self.child_conn.close()
