"""The least of HTTP/1.1 that measuring needs: one request as bytes, one whole answer, and how large it was."""

import json
import re
import socket
from typing import NamedTuple

from benchmarks.processes import Void

FORM = "application/x-www-form-urlencoded"
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
SECONDS = 20.0


class Answer(NamedTuple):
    """A whole answer. `size` counts every byte of it, head included."""

    status: int
    body: bytes
    size: int

    def member(self, name: str) -> str:
        """A member of a JSON answer that is text. Raises Void when it is not there."""
        try:
            return str(json.loads(self.body)[name])
        except (ValueError, KeyError, TypeError):
            raise Void(f"no {name} in the answer {self.status} {self.body[:200]!r}") from None


def request(
    method: str,
    path: str,
    *,
    port: int,
    body: str = "",
    authorization: str = "",
    cookie: str = "",
    close: bool = False,
) -> bytes:
    """The bytes of a request with the same headers that wrk sends."""
    head = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    if authorization:
        head.append(f"Authorization: {authorization}")
    if cookie:
        head.append(f"Cookie: {cookie}")
    if method != "GET":
        head += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
    if close:
        head.append("Connection: close")
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def whole(buffer: bytes) -> int:
    """The length of the answer at the start of the buffer, or 0 while it is not all there."""
    head = buffer.find(b"\r\n\r\n")
    if head < 0:
        return 0
    found = LENGTH.search(buffer, 0, head + 2)
    if found:
        end = head + 4 + int(found[1])
        return end if len(buffer) >= end else 0
    end = buffer.find(b"\r\n0\r\n\r\n", head + 2)  # the last chunk (RFC 9112 §7.1)
    return end + 7 if end >= 0 else 0


def read_answer(buffer: bytes) -> Answer:
    """The answer that the buffer holds exactly."""
    head, _, body = buffer.partition(b"\r\n\r\n")
    if not LENGTH.search(head + b"\r\n"):
        body = b"".join(re.split(rb"(?:^|\r\n)[0-9a-fA-F]+\r\n", body)[:-1])
    return Answer(int(head[9:12]), body, len(buffer))


class Line:
    """One keep-alive connection for the requests that set up and check a measurement."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, data: bytes) -> Answer:
        """Send one request and read its answer. Raises Void when the connection is closed instead."""
        self._socket.sendall(data)
        buffer = b""
        while not (length := whole(buffer)):
            more = self._socket.recv(65_536)
            if not more:
                raise Void(f"the connection was closed after {buffer[:200]!r}")
            buffer += more
        return read_answer(buffer[:length])

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def ask_once(data: bytes, port: int) -> Answer:
    """One request on a connection of its own."""
    line = Line(port)
    try:
        return line.ask(data)
    finally:
        line.close()
