"""Ctrl+C before there is a server: nobody's exception to swallow."""

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from identity_service.server.interrupts import ends_at_once


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN, signal.SIG_DFL])
def before(request: pytest.FixtureRequest) -> Iterator[Any]:
    """What Ctrl+C did when the command was called."""
    handler = signal.signal(signal.SIGINT, request.param)
    yield request.param
    signal.signal(signal.SIGINT, handler)


def test_it_is_the_system_that_ends_the_process_unless_it_was_to_go_on(before: Any) -> None:
    with ends_at_once():
        meanwhile = signal.getsignal(signal.SIGINT)
    assert meanwhile is (signal.SIG_IGN if before is signal.SIG_IGN else signal.SIG_DFL)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_that_may_set_no_handler_goes_on_without() -> None:
    seen: list[Any] = []

    @ends_at_once()
    def look() -> None:
        seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
