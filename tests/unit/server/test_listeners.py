"""Where connections wait for several workers: dealt out, kept for a successor, turned away from the dead."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from identity_service.server.listeners import Listeners


class Port:
    """A port with listeners on it, and those who connect to it."""

    def __init__(self, stack: ExitStack, family: socket.AddressFamily, host: str) -> None:
        self._stack = stack
        self._family = family
        self.first = self.unbound()
        self.first.bind((host, 0))
        self.first.listen()
        self.address = self.first.getsockname()
        self.listeners = Listeners(self.first)
        stack.callback(self.listeners.close)

    def unbound(self) -> socket.socket:
        return self._stack.enter_context(socket.socket(self._family, socket.SOCK_STREAM))

    def listening(self, place: int) -> socket.socket:
        """What a worker does that is ready."""
        (listener,) = self.listeners.at(place)
        listener.setblocking(False)
        listener.listen(256)
        return listener

    def connect(self, number: int) -> None:
        for _ in range(number):
            self.unbound().connect(self.address)

    def taken(self, listener: socket.socket) -> int:
        """How many connections wait there."""
        number = 0
        with suppress(BlockingIOError):
            while True:
                self._stack.enter_context(listener.accept()[0])
                number += 1
        return number


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"])
def port(request: pytest.FixtureRequest) -> Iterator[Port]:
    with ExitStack() as stack:
        yield Port(stack, *request.param)


def test_connections_are_dealt_out_among_those_that_listen(port: Port) -> None:
    first, second = port.listening(0), port.listening(1)
    port.listeners.at(2)  # it is not ready, and gets none
    port.connect(100)
    shares = (port.taken(first), port.taken(second))
    assert sum(shares) == 100
    assert min(shares) > 10


def test_what_waits_is_there_for_the_successor(port: Port) -> None:
    port.listening(0)
    port.connect(5)
    assert port.taken(port.listening(0)) == 5


def test_nobody_is_sent_to_a_worker_that_died(port: Port) -> None:
    first, _ = port.listening(0), port.listening(1)
    port.listeners.renew(1)
    port.connect(20)
    assert port.taken(first) == 20


def test_nobody_is_sent_to_a_place_that_was_left(port: Port) -> None:
    first, _ = port.listening(0), port.listening(1)
    port.listeners.leave(1)
    port.connect(20)
    assert port.taken(first) == 20


def test_a_second_server_on_the_port_is_refused_and_a_port_that_was_closed_is_free(port: Port) -> None:
    port.listening(0)
    port.listening(1)
    with pytest.raises(OSError, match="in use"):
        port.unbound().bind(port.address)
    port.listeners.close()
    port.unbound().bind(port.address)


def test_where_sockets_cannot_share_a_port_all_have_the_one(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "SO_REUSEPORT")
    listeners = Listeners(port.first)
    assert listeners.at(0) == listeners.at(1) == [port.first]
    listeners.renew(1)
    listeners.leave(0)
    assert listeners.at(1) == [port.first]
    assert port.first.fileno() != -1
