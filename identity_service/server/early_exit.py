"""The earliest door: a request that the fast path can answer is answered as soon as it has been parsed.

No scope, no task, no event is made for it. It is held back until the last byte of it has been read, within the one call
in which its head came. Whatever cannot be answered by then is handed to uvicorn as if it had never been held back, so
everything but the answer itself is uvicorn's. tests/properties/test_early_exit.py sends any bytes to both.
"""

from time import perf_counter
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from identity_service.api.fast_path import FastPath, Found
from identity_service.api.tokens import Given as GivenToken
from identity_service.api.waiting_tokens import WaitingTokens
from identity_service.http.plain_requests import Given
from identity_service.http.request_id import new_id
from identity_service.server.protocol import BoundedHeads

STATUS: Final = {200: b"HTTP/1.1 200 OK\r\n", 304: b"HTTP/1.1 304 Not Modified\r\n"}


class EarlyExit(BoundedHeads):
    """uvicorn's protocol with a short cut. It relies on the order in which httptools calls, and on what uvicorn does
    in these methods: tests/unit/server/test_early_exit.py fails when they are not what they were."""

    _given: Given | None = None
    _got = b""
    _path = ""
    _started = 0.0
    _dated: tuple[object, bytes] = (None, b"")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        front = getattr(self.config.loaded_app, "front", None)
        self._front: FastPath | None = front if isinstance(front, FastPath) else None
        taken = {} if self._front is None else self._front.taken
        self._taken = {path.encode("ascii"): one for path, one in taken.items()}

    def data_received(self, data: bytes) -> None:
        """What is incomplete when the read ends is uvicorn's: it waits, and gives up, by its own rules."""
        super().data_received(data)
        if self._given is not None:
            self._hand_over()

    def on_headers_complete(self) -> None:
        """Holds the request back if it may be one that can be answered at once."""
        taken = self._taken.get(self.url)
        given = None
        if taken is not None and self._undisturbed() and self.parser.get_method() == taken.method:
            given = taken.headers(self.headers)
        if taken is None or given is None or b"host" not in given:
            super().on_headers_complete()
            return
        self._started = perf_counter()
        self._given, self._got, self._path = given, b"", taken.path
        self.head_ended()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._given is None:
            super().on_body(body)
        else:
            self._got += body

    def on_message_complete(self) -> None:
        """Answers, or hands over."""
        if self._given is not None:
            found = self._found(self._given)
            if found is not None:
                self._answer(found)
                return
            self._hand_over(self._waiting(self._given))
        super().on_message_complete()

    def _undisturbed(self) -> bool:
        """Nothing is under way on this connection, and it stays open."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.pipeline
            and not self.last
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
        )

    def _found(self, given: Given) -> Found | None:
        front = self._front
        return None if front is None else front.answer(self._path, given, self._got)

    def _waiting(self, given: Given) -> "Waiting | None":
        """For a form whose answer takes its time."""
        front = self._front
        tokens = None if front is None else front.waits(self._path, given, self._got)
        if front is None or tokens is None:
            return None
        return Waiting(self, front, tokens, given, self._got, self._started)

    def _hand_over(self, waiting: "Waiting | None" = None) -> None:
        """What has come so far, in the order in which it came; to uvicorn with its application, or with `waiting`."""
        self._given = None
        application, self.app = self.app, waiting or self.app
        try:
            super().on_headers_complete()
        finally:
            self.app = application
        if waiting is not None:
            waiting.cycle = self.cycle  # its task begins later
        if self._got:
            super().on_body(self._got)

    def _answer(self, found: Found) -> None:
        """One write; the same bytes as uvicorn would send."""
        self.write_answer(found, new_id(), keep_alive=True)
        self._given = None
        self.message_ended()
        self.on_response_complete()
        if self._front is not None:
            self._front.count(self._path, found.status, self._started)

    def write_answer(self, found: Found, request_id: str, *, keep_alive: bool) -> None:
        """All of it at once."""
        dated = self.server_state.default_headers  # another list every second
        if self._dated[0] is not dated:
            self._dated = (dated, b"".join(b"%b: %b\r\n" % line for line in dated))
        parts = (
            STATUS[found.status],
            self._dated[1],
            found.lines.block,
            b"x-request-id: ",
            request_id.encode("ascii"),
            b"\r\n" if found.status == 304 else b"\r\ncontent-length: %d\r\n" % len(found.body),
            b"\r\n" if keep_alive else b"connection: close\r\n\r\n",
            found.body,
        )
        self.transport.write(b"".join(parts))


class Waiting:
    """An ASGI application for one request, which uvicorn runs in that request's task like any other: order, draining, a
    caller that leaves and what is raised are uvicorn's. Only a 200 does not pass through its `send`."""

    __slots__ = ("_body", "_front", "_given", "_protocol", "_started", "_tokens", "cycle")

    cycle: RequestResponseCycle

    def __init__(
        self,
        protocol: EarlyExit,
        front: FastPath,
        tokens: WaitingTokens,
        given: Given,
        body: bytes,
        started: float,
    ) -> None:
        self._protocol = protocol
        self._front = front
        self._tokens = tokens
        self._given = given
        self._body = body
        self._started = started

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = await self._tokens.answer(scope, self._given, self._body, started=self._started)
        if answered is None:
            return await self._front.behind(scope, receive, send)
        cycle, flow = self.cycle, self._protocol.flow
        if flow.write_paused and not cycle.disconnected:
            await flow.drain()
        if not cycle.disconnected:
            self._send(cycle, *answered)

    def _send(self, cycle: RequestResponseCycle, request_id: str, token: GivenToken) -> None:
        """What `RequestResponseCycle.send` does for a start and a whole body."""
        cycle.response_started = cycle.response_complete = True
        self._protocol.write_answer(self._front.given(token), request_id, keep_alive=cycle.keep_alive)
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._protocol.transport.close()
        cycle.on_response()
