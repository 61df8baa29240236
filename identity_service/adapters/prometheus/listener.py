"""Decides how a collector is answered on a port of its own, where nothing else is served."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from identity_service.adapters.prometheus.families import CONTENT_TYPE

log = logging.getLogger(__name__)

PATH: Final = b"/metrics"
MOST_CONNECTIONS: Final = 16
"""At the same time; a collector needs one."""
LONGEST_HEAD: Final = 16_384
PATIENCE_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 1.0


class Listener:
    """HTTP/1.1, one request for each connection. While somebody else has the port it tries again every second:
    the server that is being replaced still has it, and nobody's tokens depend on it."""

    def __init__(self, host: str, port: int, text: Callable[[], bytes]) -> None:
        """`text` is called for each scrape."""
        self._host = host
        self._port = port
        self._text = text
        self._open = 0

    async def run(self) -> None:
        """Serves until cancelled."""
        server = await self._listen()
        log.info("metrics are served", extra={"address": f"{self._host}:{self._port}"})
        async with server:
            await server.serve_forever()

    async def _listen(self) -> asyncio.Server:
        told = False
        while True:
            try:
                return await asyncio.start_server(
                    self._converse, self._host, self._port, limit=LONGEST_HEAD, reuse_address=True
                )
            except OSError as error:
                if not told:
                    log.error("METRICS_LISTEN: %s:%d cannot be had yet: %s", self._host, self._port, error)
                told = True
                await asyncio.sleep(RETRY_SECONDS)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= MOST_CONNECTIONS:
                with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
                    await self._answer(reader, writer)
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(self._answered(head))
            await writer.drain()

    def _answered(self, head: bytes) -> bytes:
        method, _, rest = head.partition(b" ")
        target = rest.partition(b" ")[0].partition(b"?")[0]
        if target != PATH:
            return _message("404 Not Found")
        if method not in (b"GET", b"HEAD"):
            return _message("405 Method Not Allowed", "Allow: GET, HEAD\r\n")
        try:
            body = self._text()
        except Exception:
            log.exception("metrics cannot be told")
            return _message("500 Internal Server Error")
        answer = _message("200 OK", f"Content-Type: {CONTENT_TYPE}\r\n", body)
        return answer.removesuffix(body) if method == b"HEAD" else answer


def _message(status: str, headers: str = "", body: bytes = b"") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
