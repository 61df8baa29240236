"""How idle connections are made, and how a wait beside them is told. No load is run."""

import socket

import pytest

from benchmarks.bench import Findings
from benchmarks.idle_connections import idle_connections
from benchmarks.rows import Absent, slower
from benchmarks.series import Series, Turn


def series(name: str, *p99: float) -> Series:
    return Series(name, [Turn(cpu=1, backend=0, rate=1, p50=1, p99=each, others=0) for each in p99])


def test_they_are_open_until_the_end_and_half_of_them_have_begun_a_request() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listener:
        with idle_connections(listener.getsockname()[1], 4):
            accepted = [listener.accept()[0] for _ in range(4)]
            for connection in accepted:
                connection.settimeout(0.05)
            heads = [_read(connection) for connection in accepted]
        assert [bool(head) for head in heads] == [False, True, False, True]
        assert all(connection.recv(1) == b"" for connection in accepted)
        for connection in accepted:
            connection.close()


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(100)
    except TimeoutError:
        return b""


def test_a_wait_is_told_as_how_much_longer_it_is() -> None:
    value = slower("a", "b")(Findings(series={"a": series("a", 3000, 1500), "b": series("b", 2000, 1000)}))
    assert (value.value, value.ours, value.theirs) == (1.5, "p99 2.25 ms", "p99 1.50 ms")


def test_a_wait_that_was_not_measured_is_absent() -> None:
    with pytest.raises(Absent):
        slower("a", "b")(Findings(series={"a": series("a", 1)}))
