"""What holds for every answer: request id, security headers, HEAD, a count, and an answer where our code failed."""

import logging
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_service.http.request_id import CURRENT, begun
from identity_service.http.requests import BROKEN_OFF, Requests
from identity_service.http.security_headers import SECURITY_HEADERS
from identity_service.ports.origin import ORIGIN, Origin

log = logging.getLogger(__name__)
access_log = logging.getLogger("identity_service.access")


def header_lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them: bytes, the names in lower case."""
    return [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


_CLOSE = (b"connection", b"close")
_NO_FRAME = b"x-frame-options"


class RequestContext:
    """Gives every request an id, every answer the headers that browsers obey, and HEAD what GET has."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        requests: Requests,
        log_access: bool,
        on_defect: Callable[[Request], Response],
        headers: Mapping[str, str] = SECURITY_HEADERS,
    ) -> None:
        """`on_defect` renders the answer to a request that our code failed on; the log has the trace. `headers` are
        those of every answer that does not have them itself."""
        self._app = app
        self._lines = header_lines(headers)
        self._requests = requests
        self._log_access = log_access
        self._on_defect = on_defect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_, started = begun(scope)
        scope["state"]["request_id"] = id_
        token = CURRENT.set(id_)
        client = scope.get("client")
        origin = ORIGIN.set(Origin(id_, client[0] if client else None))
        self._requests.in_flight += 1
        answering = _Answering(
            send,
            id_,
            scope["state"],
            self._lines,
            without_body=scope["method"] == "HEAD",
            last=_offers_another_protocol(scope),
        )
        if answering.without_body:  # a copy: the server must go on knowing that the answer has no body
            scope = {**scope, "method": "GET"}
        try:
            await self._app(scope, receive, answering)
        except Exception:
            log.exception("a request failed")
            if answering.status:
                raise
            await self._on_defect(Request(scope))(scope, receive, answering)
        finally:
            seconds = perf_counter() - started
            _count(self._requests, scope, answering.status, seconds)
            if self._log_access:
                _log_request(scope, answering.status, seconds)
            CURRENT.reset(token)
            ORIGIN.reset(origin)


class _Answering:
    """`send`, with the headers that every answer has; one that others may frame (`framed` of the request's state) says
    itself who may."""

    def __init__(
        self,
        send: Send,
        request_id: str,
        state: Mapping[str, Any],
        common: Sequence[tuple[bytes, bytes]],
        *,
        without_body: bool,
        last: bool,
    ) -> None:
        """`last`: the connection is closed after this answer."""
        self._send = send
        self._state = state
        self._common = common
        self._lines = [(b"x-request-id", request_id.encode("ascii")), *([_CLOSE] if last else [])]
        self.without_body = without_body
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = {name for name, _ in message.get("headers", ())}  # in lower case, as ASGI has them
            if self._state.get("framed"):
                given.add(_NO_FRAME)
            added = [line for line in self._common if line[0] not in given]
            message["headers"] = [*message.get("headers", ()), *self._lines, *added]
        elif self.without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)


def _offers_another_protocol(scope: Scope) -> bool:
    """Whether the head offers an upgrade that nobody takes (RFC 9110 §7.8).

    `serve` takes the offer out. Under another server its parser may lose the body and read what of it comes later as a
    request that nobody sent; where the connection ends, nobody does.
    """
    return any(name == b"upgrade" for name, _ in scope["headers"])


def _count(requests: Requests, scope: Scope, status: int, seconds: float) -> None:
    """By the template of the route that took the request; paths as callers write them are nobody's label."""
    requests.in_flight -= 1
    # The routes before FastAPI's leave no trace; they have no parameters, so that their path is their template.
    path: Any = getattr(scope.get("route"), "path", None) or scope["path"]
    route = requests.number(scope["method"], path)
    requests.count(route, status or BROKEN_OFF, seconds)
    if (code := scope["state"].get("refusal")) is not None:
        requests.count_refusal(route, code)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    access_log.info(
        "request",
        extra={
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "milliseconds": round(seconds * 1000, 2),
        },
    )
