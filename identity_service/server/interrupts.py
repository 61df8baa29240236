"""What Ctrl+C does while there is nothing yet to stop cleanly."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Until a server handles it, Ctrl+C ends the process as SIGTERM does: at once, and with the status of the signal.

    Python would raise an exception in whatever code is running. Not all of it lets one through (an import, a callback
    of the garbage collector), so the signal could be lost, and the server serve on. Nothing is lost by an end at once:
    what is committed is committed. Whoever ignores Ctrl+C (a job in the background) goes on doing so.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
