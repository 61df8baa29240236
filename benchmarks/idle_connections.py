"""Connections that say nothing, or half of something."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

IDLE = 2000
BESIDE = f"beside {IDLE:,} idle connections"
ALONE = "alone"


@contextmanager
def idle_connections(port: int, count: int = IDLE) -> Iterator[None]:
    """So many, half of them with half a request sent; open for as long as the block lasts."""
    with ExitStack() as stack:
        for number in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            if number % 2:
                connection.sendall(b"POST /oauth2/introspect HTTP/1.1\r\nHost: x\r\n")
        yield
