"""What holds for every answer: request id, security headers, HEAD, and CORS where browsers may call."""

import logging
from collections.abc import Collection
from time import perf_counter

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_service.http.request_id import CURRENT, choose

access_log = logging.getLogger("identity_service.access")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class RequestContext:
    """Gives every request an id, every answer the headers that browsers obey, and HEAD what GET has."""

    def __init__(self, app: ASGIApp, *, log_access: bool) -> None:
        self._app = app
        self._log_access = log_access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = choose(scope)
        scope.setdefault("state", {})["request_id"] = id_
        token = CURRENT.set(id_)
        started = perf_counter()
        answering = _Answering(send, id_, without_body=scope["method"] == "HEAD")
        if answering.without_body:
            scope["method"] = "GET"
        try:
            await self._app(scope, receive, answering)
        finally:
            if self._log_access:
                _log_request(scope, answering.status, perf_counter() - started)
            CURRENT.reset(token)


class _Answering:
    """`send`, with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str, *, without_body: bool) -> None:
        self._send = send
        self._request_id = request_id
        self.without_body = without_body
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
        elif self.without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)


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


class BrowserEndpoints:
    """CORS for the paths that scripts on allowed origins may call, and for no others."""

    def __init__(self, app: ASGIApp, *, paths: Collection[str], origins: Collection[str]) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._cors = CORSMiddleware(
            app,
            allow_origins=tuple(origins),
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "X-Request-ID"),
            expose_headers=("WWW-Authenticate", "Retry-After", "X-Request-ID"),
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self._cors if scope["type"] == "http" and scope["path"] in self._paths else self._app
        await chosen(scope, receive, send)
