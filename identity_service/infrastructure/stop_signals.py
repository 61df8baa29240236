"""What a process does first when it is told to stop: it says that it is not ready any more."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from identity_service.application.run_state import RunState

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


@contextmanager
def watched_stop_signals(state: RunState, *, delay_seconds: float) -> Iterator[None]:
    """Marks the process as draining, and passes the signal on to the server `delay_seconds` later.

    Meanwhile requests are served, and load balancers learn to send no more of them. A second signal is passed on at
    once. Only the main thread can watch signals; in another one nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ours = {
        number: _first_marking(state, handler, loop, delay_seconds)
        for number, handler in before.items()
        if callable(handler)
    }
    for number, handler in ours.items():
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, handler in ours.items():
            if signal.getsignal(number) is handler:  # a server may have put back its own meanwhile
                signal.signal(number, before[number])


def _first_marking(
    state: RunState, pass_on: Callable[[int, FrameType | None], Any], loop: Any, delay: float
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        again, state.draining = state.draining, True
        if again or delay == 0:
            pass_on(number, frame)
        else:
            loop.call_soon_threadsafe(loop.call_later, delay, pass_on, number, None)

    return handle
