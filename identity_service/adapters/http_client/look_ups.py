"""How a name becomes addresses: as the operating system does it, in threads that are counted."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from socket import SOCK_STREAM, getaddrinfo
from typing import Final

from identity_service.adapters.http_client.outcomes import Failed

log = logging.getLogger(__name__)

MOST_LOOK_UPS: Final = 16
"""Under way at once. Twice as many as there are requests at once: those that hang outlive the request they were for."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses. Raises OSError, Unfetchable."""
LookUp = Callable[[str, int], Sequence[str]]
"""The same, for as long as it takes."""


def look_up(host: str, port: int) -> list[str]:
    """As the operating system looks names up; nothing ends that early. Raises OSError, ValueError."""
    found = getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class LookUps:
    """`Resolve`, with so many look-ups at once; who comes when all hang is refused, and does not wait.

    A look-up whose caller has gone away goes on and keeps its place: its thread cannot be taken back. The threads are
    nobody else's, so names of clients' hosts cannot hold up what else runs in threads, and a process that ends does not
    wait for them.
    """

    def __init__(self, *, look_up: LookUp = look_up, most: int = MOST_LOOK_UPS) -> None:
        self._look_up = look_up
        self._most = most
        self._lock = threading.Lock()
        self._said = False
        self.under_way = 0
        self.refused = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises OSError, ValueError; Unfetchable when there is no place."""
        self._enter()
        answer: Future[Sequence[str]] = Future()
        answer.set_running_or_notify_cancel()  # from now on it cannot be cancelled, as the thread cannot
        thread = threading.Thread(target=self._answer, args=(answer, host, port), name="look-up", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._leave()
            raise Failed("no_look_up", "no thread to look a name up in") from None
        return await asyncio.wrap_future(answer)

    def _answer(self, answer: "Future[Sequence[str]]", host: str, port: int) -> None:
        try:
            found = self._look_up(host, port)
        except Exception as error:  # whatever it is, it is the caller's
            self._leave()
            answer.set_exception(error)
        else:
            self._leave()
            answer.set_result(found)

    def _enter(self) -> None:
        with self._lock:
            full = self.under_way >= self._most
            if full:
                self.refused += 1
            else:
                self.under_way += 1
            news, self._said = full and not self._said, full
        if news:
            log.warning("names of clients' hosts are not looked up: %s look-ups have not ended", self._most)
        if full:
            raise Failed("no_look_up", "too many names are being looked up")

    def _leave(self) -> None:
        with self._lock:
            self.under_way -= 1
