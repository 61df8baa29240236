"""Sends the very bytes of a request to an ASGI application, in as many pieces as wanted, and keeps what it answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A request as a server hands it on. `pieces` of the body come one after the other; with `late` not at once."""

    method: str
    path: str
    headers: Headers = ()
    pieces: Sequence[bytes] = (b"",)
    query: bytes = b""
    late: bool = False


@dataclass
class Answered:
    """Status, headers in lower case, and body."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False

    @property
    def comparable(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """All of it, but for an id that was made for this answer alone."""
        ids = [value for name, value in self.headers if name == b"x-request-id"]
        assert len(ids) == 1
        made = ids[0] if len(ids[0]) == 32 else b""
        lines = sorted((name, value.replace(made, b"") if made else value) for name, value in self.headers)
        return self.status, lines, self.body.replace(made, b"") if made else self.body

    async def take(self, message: dict[str, Any]) -> None:
        """The `send` of ASGI."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.lower(), value) for name, value in message["headers"]]
        else:
            self.body += message.get("body", b"")
            self.complete = not message.get("more_body", False)


async def send(app: Any, raw: Raw) -> Answered:
    """What the application answers."""
    answered, pieces = Answered(), list(raw.pieces)

    async def receive() -> dict[str, Any]:
        while raw.late and not pieces and not answered.complete:
            await asyncio.sleep(0)
        if raw.late:
            await asyncio.sleep(0)
        if not pieces:
            return {"type": "http.disconnect"}
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": raw.method,
        "scheme": "http",
        "path": raw.path,
        "raw_path": raw.path.encode("utf-8", "replace"),
        "root_path": "",
        "query_string": raw.query,
        "headers": list(raw.headers),
        "client": ("192.0.2.7", 50000),
        "server": ("id.example", 80),
        "state": {},
    }
    async with asyncio.timeout(10):
        await app(scope, receive, answered.take)
    assert answered.complete
    return answered
