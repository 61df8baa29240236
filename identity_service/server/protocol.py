"""How much a connection may cost before the application hears of it (bytes of head, time, a place), and its end."""

import asyncio
from typing import Any, ClassVar, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from identity_service.http.security_headers import SECURITY_HEADERS
from identity_service.server.refusals import (
    HEAD_TOO_LONG,
    LONGEST_HEAD,
    URI_TOO_LONG,
    check_head,
    reason,
    refusal,
)
from identity_service.server.sweep import SWEEPS, Sweep, Swept

LONGEST_FRAMING: Final = 1_048_576
"""Bytes of a message that are neither head nor body: sizes of chunks, and trailers."""
LINGER_SECONDS: Final = 0.5
"""So long an idle connection is kept when the server stops: a request may be on its way."""


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol, which alone keeps heads and trailers of any size in memory (RFC 6585 §5), waits for them for
    ever, and arms a timer after every request."""

    sweep_seconds: ClassVar[float] = 1.0

    url = b""
    _head = 0
    _framing = 0
    _in_head = True
    _offered = b""
    last = False
    head_since: int | None = None
    idle_since: int | None = None
    closing_since: int | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        most, self.limit_concurrency = self.limit_concurrency, None  # uvicorn's own looks at each request
        sweep = SWEEPS.get(self.server_state)
        if sweep is None:
            sweep = SWEEPS[self.server_state] = Sweep(
                cast("set[Swept]", self.connections),
                every=self.sweep_seconds,
                idle=self.timeout_keep_alive,
                most=most,
            )
        self._sweep = sweep

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Takes a place; where there is none the connection is refused before it asks anything."""
        super().connection_made(transport)
        self.head_since = self.idle_since = self._sweep.now
        if not self._sweep.connected():
            self._refuse(503, "the server has as many connections as it may have", {"retry-after": "1"})

    def data_received(self, data: bytes) -> None:
        """Counts what arrives before a head is complete; a head that one read completes is let through."""
        if self._in_head:
            self._head += len(data)
        else:
            self._framing += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as paused:
            self._go_on(memoryview(data)[paused.args[0] :])
        except httptools.HttpParserError as error:
            self._give_up(error, data if self._head == len(data) else b"")
        if self._in_head and self._head > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse(*(URI_TOO_LONG if len(self.url) > LONGEST_HEAD // 2 else HEAD_TOO_LONG))
        elif self._framing > LONGEST_FRAMING and not self.transport.is_closing():
            self.transport.close()

    def on_message_begin(self) -> None:
        """The next request of the connection."""
        self._in_head = True
        self.head_since = self._sweep.now
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What follows is body, which the application counts; trailers, which nobody reads, are dropped.

        Raises Unreadable, which ends the parser's work.
        """
        check_head(self.parser.get_http_version(), self.url, self.headers)
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._offered = self._head_without_offer()
            return
        self.head_ended()
        super().on_headers_complete()
        self.headers = _NOWHERE
        if self.last:
            self.cycle.keep_alive = False  # its answer says `Connection: close`

    def head_ended(self) -> None:
        """What is read now is body."""
        self._head = self._framing = 0
        self._in_head = False
        self.head_since = self.idle_since = None

    def on_body(self, body: bytes) -> None:
        """Bytes that the application counts are no framing."""
        self._framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Whatever follows belongs to the next head, unless the parser has only left out what it takes for another
        protocol."""
        if not self._offered:
            self.message_ended()
            super().on_message_complete()

    def _head_without_offer(self) -> bytes:
        target = b"%b %b HTTP/%b\r\n" % (
            self.parser.get_method(),
            self.url,
            self.parser.get_http_version().encode("ascii"),
        )
        lines = (b"%b: %b\r\n" % line for line in self.headers if line[0] != b"upgrade")
        return b"%b%b\r\n" % (target, b"".join(lines))

    def _go_on(self, rest: memoryview) -> None:
        """An offer of another protocol is ignored, the request is not (RFC 9110 §7.8): its head is read again without
        the offer, then `rest`, its body. The parser alone drops the body, and takes what of it arrives later for the
        next request."""
        while True:
            head, self._offered = self._offered, b""
            # A new one: the old parser reads no more if the connection is to end.
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            try:
                self.parser.feed_data(head)
                return self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as paused:
                rest = rest[paused.args[0] :]
            except httptools.HttpParserError as error:
                return self._give_up(error, b"")

    def message_ended(self) -> None:
        """What is read now is the head of the next one."""
        self._in_head = True
        self._framing = 0

    def on_response_complete(self) -> None:
        """As uvicorn does it, but for the timer: the sweep closes the connection when nothing follows."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self.idle_since = self._sweep.now

    def shutdown(self) -> None:
        """uvicorn would close an idle connection at once, and with it lose the request that is just being sent.

        Whoever uses the connection meanwhile is answered, and told to use another one (RFC 9112 §9.6).
        """
        if self._idle:
            self.last = True
            grace = self.config.timeout_graceful_shutdown or 0
            self.loop.call_later(min(LINGER_SECONDS, grace / 2), self._close_if_idle)
        else:
            super().shutdown()

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_if_idle(self) -> None:
        if self._idle:
            self.transport.close()

    def _give_up(self, error: httptools.HttpParserError, begin: bytes) -> None:
        """What follows on this connection is not read any more: who knows where it begins."""
        why = reason(error, begin)
        self._refuse(why.status, why.detail)

    def is_closing(self) -> bool:
        """Whether the connection ends as soon as everything has been sent."""
        return self.transport.is_closing()

    def expire_head(self) -> None:
        """RFC 9110 §15.5.9. Who has sent nothing is not answered: it may have opened the connection in advance."""
        if self._head:
            self._refuse(408, "the head did not arrive in time")
        else:
            self.transport.close()

    def close(self) -> None:
        """When what was written has been sent."""
        self.transport.close()

    def abort(self) -> None:
        """At once."""
        self.transport.abort()

    def _refuse(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        common = getattr(self.config.loaded_app, "security_headers", SECURITY_HEADERS)
        self.transport.write(refusal(status, detail, {**common, **(headers or {})}, target=self.url))
        self.transport.close()


class _Nowhere(list[tuple[bytes, bytes]]):
    """Where trailers go."""

    def append(self, item: tuple[bytes, bytes]) -> None:
        """Forgets it."""


_NOWHERE: Final = _Nowhere()
