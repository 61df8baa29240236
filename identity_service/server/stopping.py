"""How a server stops: no request is lost, nothing holds it up, and its exit status tells how it went."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import uvicorn

from identity_service.server.tls import Certificate

log = logging.getLogger(__name__)

CLOSING_SECONDS: Final = 2.0
"""For closing connections to the database when the requests are done."""
TICKS_BETWEEN_LOOKS: Final = 20
"""At the files of the certificate."""
CUT_SHORT: Final = 1
"""Exit status when requests had to be broken off."""


class Server(uvicorn.Server):
    """uvicorn's server, except that a signal ends it with status 0, a second one at once, and nothing holds it up."""

    def __init__(self, config: uvicorn.Config, *, grace_seconds: float) -> None:
        super().__init__(config)
        self._grace = grace_seconds

    async def on_tick(self, counter: int) -> bool:
        """A tenth of a second has passed."""
        certificate = self.config.ssl_context_factory
        if counter % TICKS_BETWEEN_LOOKS == 0 and isinstance(certificate, Certificate):
            certificate.refresh()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """A hang-up is a reason to stop cleanly, too, unless the process was started so as to survive it (nohup)."""
        with super().capture_signals():
            known = getattr(signal, "SIGHUP", None)
            if known is not None and signal.getsignal(known) is signal.SIG_DFL and _in_main_thread():
                signal.signal(known, self.handle_exit)
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn would send the signal to itself once more when it is done, and so end with a status other than 0."""
        if self.should_exit:
            log.warning("told to stop twice: leaving at once")
            leave()
        self.should_exit = True

    async def shutdown(self, sockets: Any = None) -> None:
        """Refuses new connections, waits for requests, closes the application; the whole within its time."""
        started = time.monotonic()
        try:
            await asyncio.wait_for(super().shutdown(sockets), self._grace + CLOSING_SECONDS)
        except TimeoutError:
            self._cut_short()
        if time.monotonic() - started > self._grace > 0:
            self._cut_short()

    def _cut_short(self) -> None:
        log.error("what was under way took longer than SHUTDOWN_GRACE_SECONDS and was broken off")
        leave()


def _in_main_thread() -> bool:
    """The only one that may set handlers."""
    return threading.current_thread() is threading.main_thread()


def leave() -> None:
    """Ends the process without waiting for its threads: a password hash may take longer than anybody wants to wait.

    What is committed is committed; the database forgets the rest.
    """
    logging.shutdown()
    os._exit(CUT_SHORT)
