"""The door in front of the web framework: what is asked most is answered from ready bytes, all else is passed on.

Answered is exactly what is known byte for byte. A request with a header that is not listed here, or that might mean
something, goes the ordinary way, which gives the same answer (tests/properties/test_fast_path.py).
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import perf_counter
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.api.answers import NO_STORE, Document
from identity_service.api.documents import Documents
from identity_service.api.introspection import Introspection
from identity_service.http.first_message import FirstMessage
from identity_service.http.middleware import SECURITY_HEADERS, header_lines
from identity_service.http.raw_form import FORM
from identity_service.http.request_id import new_id
from identity_service.http.requests import Requests

log = logging.getLogger(__name__)

INTROSPECT: Final = "/oauth2/introspect"
LIVE: Final = "/health/live"
ALIVE: Final = b'{"status":"ok"}'
MOST_BYTES: Final = 20_000
"""A longer form goes the ordinary way: it has no token of ours."""

Headers = list[tuple[bytes, bytes]]
Given = dict[bytes, bytes]

# What the ordinary way does not look at either, in requests like these.
_NO_MATTER: Final = frozenset(
    b"host user-agent connection accept accept-encoding accept-language accept-charset cache-control pragma via "
    b"forwarded x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port x-real-ip".split()
)
OF_A_FORM: Final = _NO_MATTER | {b"authorization", b"content-type", b"content-length"}
_OF_A_READER: Final = _NO_MATTER | {b"if-none-match"}
_FORM: Final = FORM.encode("ascii")


class Lines(NamedTuple):
    """The headers of an answer, as ASGI has them, and as they are sent."""

    listed: Headers
    block: bytes


def _lines(*parts: Mapping[str, str]) -> Lines:
    listed = [line for part in (*parts, SECURITY_HEADERS) for line in header_lines(part)]
    return Lines(listed, b"".join(b"%b: %b\r\n" % line for line in listed))


_JSON: Final = {"Content-Type": "application/json"}
TOLD: Final = _lines(_JSON, NO_STORE)
_ALIVE: Final = _lines(_JSON, {"Cache-Control": "no-store"})


class Found(NamedTuple):
    """An answer to somebody who reads. A 304 has no body, and no Content-Length."""

    status: int
    lines: Lines
    body: bytes


def form(headers: Headers) -> Given | None:
    """The headers of a form such as is answered here; None if there is anything else about them."""
    given = plain_form(headers, OF_A_FORM)
    return given if given is not None and b"authorization" in given else None


def plain_form(headers: Headers, known: frozenset[bytes]) -> Given | None:
    """The headers of a form; None for one that is not `known`, or there twice, or for another content type."""
    given = dict(headers)
    plain = len(given) == len(headers) and given.keys() <= known
    return given if plain and given.get(b"content-type") == _FORM else None


def reading(headers: Headers) -> Given | None:
    """The headers of somebody who reads a document."""
    given = dict(headers)
    return given if len(given) == len(headers) and given.keys() <= _OF_A_READER else None


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
        self._heads: dict[str, tuple[Document, Lines, Lines]] = {}
        doors: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
            INTROSPECT: self._introspect,
            LIVE: self._read,
            **dict.fromkeys(documents.paths, self._read),
        }
        self._doors = {path: door for path, door in doors.items() if serves(path)}
        self._numbers = {
            path: requests.number("POST" if path == INTROSPECT else "GET", path) for path in self._doors
        }

    @property
    def paths(self) -> Collection[str]:
        """Where something is answered here."""
        return self._doors.keys()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get(scope["path"]) if scope["type"] == "http" else None
        await (self._app if door is None else door)(scope, receive, send)

    async def _introspect(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        given = form(scope["headers"]) if scope["method"] == "POST" else None
        if given is None:
            return await self._app(scope, receive, send)
        first = FirstMessage(receive)
        message = first.message
        body = None
        if message is not None and not message.get("more_body", False):
            body = self.told(given, message.get("body", b""))
        if body is None:
            return await self._app(scope, first.receive, send)
        await _answer(send, Found(200, TOLD, body), body)
        self.count(INTROSPECT, 200, started)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        given = reading(scope["headers"]) if scope["method"] in ("GET", "HEAD") else None
        found = None if given is None else self.found(scope["path"], given)
        if found is None:
            return await self._app(scope, receive, send)
        await _answer(send, found, b"" if scope["method"] == "HEAD" else found.body)
        self.count(scope["path"], found.status, started)

    def told(self, given: Given, body: bytes) -> bytes | None:
        """The body of the 200 to an introspection; None: the ordinary way."""
        if len(body) > MOST_BYTES or given.get(b"content-length") != b"%d" % len(body):
            return None
        try:
            return self._introspection.ready(given[b"authorization"], body)
        except Exception:
            log.exception("the fast path failed")
            return None

    def found(self, path: str, given: Given) -> Found | None:
        """The answer to a GET at one of `paths`; None: the ordinary way."""
        if path == LIVE:
            return Found(200, _ALIVE, ALIVE)
        try:
            document = self._documents.ready(path)
        except Exception:
            log.exception("the fast path failed")
            return None
        if document is None:
            return None
        whole, unchanged = self._head(path, document)
        seen = given.get(b"if-none-match")
        if seen is None:
            return Found(200, whole, document.body)
        return Found(304, unchanged, b"") if seen == document.tag.encode("ascii") else None

    def count(self, path: str, status: int, started: float) -> None:
        """An answer that was given here; `started` is of `perf_counter`."""
        self._requests.count(self._numbers[path], status, perf_counter() - started)

    def _head(self, path: str, document: Document) -> tuple[Lines, Lines]:
        made = self._heads.get(path)
        if made is None or made[0] is not document:
            vary = {"Vary": "Origin"} if path in self._shared else {}
            parts = (document.headers, vary)
            made = self._heads[path] = (document, _lines(_JSON, *parts), _lines(*parts))
        return made[1:]


async def _answer(send: Send, found: Found, body: bytes) -> None:
    """Content-Length is that of GET, also where `body` is left out for HEAD (RFC 9110 §9.3.2)."""
    headers = [*found.lines.listed, (b"x-request-id", new_id().encode("ascii"))]
    if found.status != 304:
        headers.append((b"content-length", b"%d" % len(found.body)))
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
