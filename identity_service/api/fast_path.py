"""The door in front of the web framework: what is asked most is answered from ready bytes, all else is passed on.

Answered is exactly what is known byte for byte. A request with a header that is not listed here, or that might mean
something, goes the ordinary way, which gives the same answer (tests/properties/test_fast_path.py).
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import perf_counter

from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.api.answers import NO_STORE, Document
from identity_service.api.documents import Documents
from identity_service.api.introspection import Introspection
from identity_service.http.first_message import FirstMessage
from identity_service.http.middleware import SECURITY_HEADERS
from identity_service.http.raw_form import FORM
from identity_service.http.request_id import new_id
from identity_service.http.requests import Requests

log = logging.getLogger(__name__)

INTROSPECT = "/oauth2/introspect"
LIVE = "/health/live"
ALIVE = b'{"status":"ok"}'
MOST_BYTES = 20_000
"""A longer form goes the ordinary way: it has no token of ours."""

Headers = list[tuple[bytes, bytes]]

# What the ordinary way does not look at either, in requests like these.
_NO_MATTER = frozenset(
    b"host user-agent connection accept accept-encoding accept-language accept-charset cache-control pragma via "
    b"forwarded x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-real-ip".split()
)
_OF_A_FORM = _NO_MATTER | {b"authorization", b"content-type", b"content-length"}
_OF_A_READER = _NO_MATTER | {b"if-none-match"}
_FORM = FORM.encode("ascii")
_JSON = (b"content-type", b"application/json")


def _lines(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


_SAFE = _lines(SECURITY_HEADERS)
_TOLD = [_JSON, *_lines(NO_STORE), *_SAFE]


class FastPath:
    """An ASGI application in front of another one."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        introspection: Introspection,
        documents: Documents,
        requests: Requests,
        serves: Callable[[str], bool],
        shared: Collection[str],
    ) -> None:
        """`serves` says at which paths this instance answers, `shared` lists those that name `Origin` in `Vary`."""
        self._app = app
        self._introspection = introspection
        self._documents = documents
        self._requests = requests
        self._shared = frozenset(shared)
        self._alive = [_JSON, (b"cache-control", b"no-store"), *_SAFE]
        self._heads: dict[str, tuple[Document, Headers]] = {}
        doors: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            INTROSPECT: self._introspect,
            LIVE: self._read,
            **dict.fromkeys(documents.paths, self._read),
        }
        self._doors = {path: door for path, door in doors.items() if serves(path)}
        self._numbers = {
            path: requests.number("POST" if path == INTROSPECT else "GET", path) for path in self._doors
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        await (self._app if door is None else door)(scope, receive, send)

    async def _introspect(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = scope["headers"]
        given = dict(headers)
        if (
            scope["method"] != "POST"
            or len(given) != len(headers)
            or not given.keys() <= _OF_A_FORM
            or given.get(b"content-type") != _FORM
        ):
            return await self._app(scope, receive, send)
        first = FirstMessage(receive)
        body = self._told(given, first)
        if body is None:
            return await self._app(scope, first.receive, send)
        await self._answer(send, 200, _TOLD, body, body)
        self._requests.count(self._numbers[INTROSPECT], 200, perf_counter() - started)

    def _told(self, given: dict[bytes, bytes], first: FirstMessage) -> bytes | None:
        message, authorization = first.message, given.get(b"authorization")
        if message is None or authorization is None or message.get("more_body", False):
            return None
        body = message.get("body", b"")
        if len(body) > MOST_BYTES or given.get(b"content-length") != b"%d" % len(body):
            return None
        try:
            return self._introspection.ready(authorization, body)
        except Exception:
            log.exception("the fast path failed")
            return None

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        path, headers = scope["path"], scope["headers"]
        given = dict(headers)
        found = None
        if scope["method"] in ("GET", "HEAD") and len(given) == len(headers) and given.keys() <= _OF_A_READER:
            found = self._found(path, given.get(b"if-none-match"))
        if found is None:
            return await self._app(scope, receive, send)
        status, lines, body = found
        await self._answer(send, status, lines, body, b"" if scope["method"] == "HEAD" else body)
        self._requests.count(self._numbers[path], status, perf_counter() - started)

    def _found(self, path: str, seen: bytes | None) -> tuple[int, Headers, bytes] | None:
        if path == LIVE:
            return 200, self._alive, ALIVE
        try:
            document = self._documents.ready(path)
        except Exception:
            log.exception("the fast path failed")
            return None
        if document is None:
            return None
        lines = self._head(path, document)
        if seen is None:
            return 200, [_JSON, *lines], document.body
        return (304, lines, b"") if seen == document.tag.encode("ascii") else None

    def _head(self, path: str, document: Document) -> Headers:
        made = self._heads.get(path)
        if made is None or made[0] is not document:
            vary = [(b"vary", b"Origin")] if path in self._shared else []
            made = self._heads[path] = (document, [*_lines(document.headers), *_SAFE, *vary])
        return made[1]

    @staticmethod
    async def _answer(send: Send, status: int, lines: Headers, whole: bytes, body: bytes) -> None:
        """`whole` is what Content-Length counts: HEAD has the header of GET, and no body (RFC 9110 §9.3.2)."""
        headers = [*lines, (b"x-request-id", new_id().encode("ascii"))]
        if status != 304:
            headers.append((b"content-length", b"%d" % len(whole)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
