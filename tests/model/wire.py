"""How requests of the model go out and answers come back: HTTP/1.1 by hand, for a tenth of a library's time.

Each caller has one connection of its own, so it always reaches the same worker of a server that has several.
"""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PATIENCE = 20.0
"""Seconds after which a caller gives up."""


@dataclass(slots=True)
class Answer:
    """What came back: `sent` and `answered` are moments of the monotonic clock."""

    sent: float
    answered: float
    status: int
    body: Any


class GivenUp(Exception):
    """No answer came. `sent` and `given_up` are moments of the monotonic clock."""

    def __init__(self, sent: float, given_up: float) -> None:
        super().__init__("no answer")
        self.sent, self.given_up = sent, given_up


def basic(client_id: str, secret: str) -> str:
    """The value of an Authorization header; ids and secrets of ours need no escapes."""
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


def form_request(path: str, authorization: str, form: Mapping[str, str]) -> bytes:
    """A POST of a form."""
    return _request(
        "POST", path, authorization, urlencode(form).encode(), "application/x-www-form-urlencoded"
    )


def json_request(method: str, path: str, token: str, members: Mapping[str, Any] | None = None) -> bytes:
    """A request to our own API."""
    body = b"" if members is None else json.dumps(members).encode()
    kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
    return _request(method, path, f"Bearer {token}", body, kind if body else "")


def _request(method: str, path: str, authorization: str, body: bytes, kind: str) -> bytes:
    content = f"Content-Type: {kind}\r\n" if kind else ""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
        f"{content}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Line(asyncio.Protocol):
    """One connection to a server, opened when it is needed, with one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[float, int, bytes]] | None = None
        self._received = b""
        self.connections = 0

    async def ask(self, request: bytes) -> Answer:
        """Raises GivenUp."""
        sent = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                if self._transport is None:
                    await self._connect()
                sent, (answered, status, body) = await self._exchange(request)
        except (OSError, TimeoutError):
            self.close()
            raise GivenUp(sent, time.monotonic()) from None
        return Answer(sent, answered, status, json.loads(body) if body else None)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
        self.connections += 1

    async def _exchange(self, request: bytes) -> tuple[float, tuple[float, int, bytes]]:
        if self._transport is None:
            raise ConnectionError
        self._received = b""
        self._waiting = asyncio.get_running_loop().create_future()
        sent = time.monotonic()
        self._transport.write(request)
        return sent, await self._waiting

    def data_received(self, data: bytes) -> None:
        """Collects until the body is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._waiting is None or self._waiting.done():
            return
        if len(body) >= _content_length(head):
            self._waiting.set_result((time.monotonic(), int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits learns of it."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError())


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
