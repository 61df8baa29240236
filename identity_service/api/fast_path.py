"""The door in front of the web framework: what is asked most is answered from ready bytes, all else is passed on.

Answered is exactly what is known byte for byte. A request with a header that is not listed here, or that might mean
something, goes the ordinary way, which gives the same answer (tests/properties/test_fast_path.py).
"""

import logging
from collections.abc import Callable, Collection, Mapping
from time import perf_counter
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from identity_service.api.answers import NO_STORE, Document
from identity_service.api.documents import Documents
from identity_service.api.introspection import Introspection
from identity_service.api.tokens import Given as GivenToken
from identity_service.api.tokens import ReadyTokens
from identity_service.api.waiting_tokens import TOKEN, WaitingTokens
from identity_service.http.first_message import FirstMessage
from identity_service.http.hosts import Hosts
from identity_service.http.middleware import header_lines
from identity_service.http.plain_requests import Given, Headers, any_form, form, is_whole, reading
from identity_service.http.request_id import new_id
from identity_service.http.requests import Requests
from identity_service.http.security_headers import SECURITY_HEADERS

log = logging.getLogger(__name__)

INTROSPECT: Final = "/oauth2/introspect"
LIVE: Final = "/health/live"
ALIVE: Final = b'{"status":"ok"}'

Ready = Callable[[bytes, bytes], bytes | GivenToken | None]
"""From the value of the Authorization header and the body to the body of the 200, perhaps with headers of its own, or
None: the ordinary way."""


class Lines(NamedTuple):
    """The headers of an answer, as ASGI has them, and as they are sent."""

    listed: Headers
    block: bytes

    def and_(self, more: Headers) -> "Lines":
        """These and more."""
        return Lines([*self.listed, *more], self.block + _block(more)) if more else self


def _lines(common: Mapping[str, str], *parts: Mapping[str, str]) -> Lines:
    """`common` are those of every answer, where it does not have them itself."""
    own = {name: value for part in parts for name, value in part.items()}
    return _written(
        header_lines({**own, **{name: value for name, value in common.items() if name not in own}})
    )


def _written(listed: Headers) -> Lines:
    return Lines(listed, _block(listed))


def _block(listed: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % line for line in listed)


_JSON: Final = {"Content-Type": "application/json"}
_VARY: Final = {"Vary": "Origin"}


class Taken(NamedTuple):
    """A path, the method by which it is answered here, and which headers such a request may have."""

    path: str
    method: bytes
    headers: Callable[[Headers], Given | None]


class Found(NamedTuple):
    """An answer to somebody who reads. A 304 has no body, and no Content-Length."""

    status: int
    lines: Lines
    body: bytes


class FastPath:
    """An ASGI application in front of another one."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        introspection: Introspection,
        tokens: ReadyTokens | None,
        waiting: WaitingTokens | None,
        documents: Documents,
        requests: Requests,
        serves: Callable[[str], bool],
        shared: Collection[str],
        hosts: Hosts,
        headers: Mapping[str, str] = SECURITY_HEADERS,
    ) -> None:
        """`serves` says at which paths this instance answers, `shared` lists those that name `Origin` in `Vary`;
        `headers` are those of every answer. Who asks under a name that `hosts` does not know yet goes the ordinary way.

        Without `tokens` and `waiting` none are issued here.
        """
        self.behind = app
        self.waiting = waiting
        self._hosts = hosts
        self._common = headers
        self._alive = _lines(headers, _JSON)
        self._documents = documents
        self._requests = requests
        self._shared = frozenset(shared)
        self._heads: dict[str, tuple[Document, Lines, Lines]] = {}
        forms: dict[str, Ready] = {INTROSPECT: introspection.at_the_door}
        if tokens is not None:
            forms[TOKEN] = tokens.ready
        self._forms = {path: (ready, self._lines_of(path)) for path, ready in forms.items() if serves(path)}
        paths = (path for path in (LIVE, *documents.paths) if serves(path))
        posts = {path: Taken(path, b"POST", any_form if path == TOKEN else form) for path in self._forms}
        self._taken = {path: Taken(path, b"GET", reading) for path in paths} | posts
        self._numbers = {
            path: requests.number(one.method.decode("ascii"), path) for path, one in self._taken.items()
        }

    @property
    def taken(self) -> Mapping[str, Taken]:
        """What may be answered here, by path."""
        return self._taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        taken = self._taken.get(scope["path"]) if scope["type"] == "http" else None
        if taken is None:
            return await self.behind(scope, receive, send)
        await (self._read if taken.headers is reading else self._post)(scope, receive, send)

    async def _post(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        given = form(scope["headers"]) if scope["method"] == "POST" else None
        if given is None:
            return await self.behind(scope, receive, send)
        first = FirstMessage(receive)
        message = first.message
        found = None
        if message is not None and not message.get("more_body", False):
            found = self.told(scope["path"], given, message.get("body", b""))
        if found is None:
            return await self.behind(scope, first.receive, send)
        await _answer(send, found, found.body)
        self.count(scope["path"], 200, started)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        given = reading(scope["headers"]) if scope["method"] in ("GET", "HEAD") else None
        found = None if given is None else self.found(scope["path"], given)
        if found is None:
            return await self.behind(scope, receive, send)
        await _answer(send, found, b"" if scope["method"] == "HEAD" else found.body)
        self.count(scope["path"], found.status, started)

    def answer(self, path: str, given: Given, body: bytes) -> Found | None:
        """The answer to a whole request at one of `paths`; None: the ordinary way."""
        if path in self._forms:
            return self.told(path, given, body)
        return None if body else self.found(path, given)

    def told(self, path: str, given: Given, body: bytes) -> Found | None:
        """The answer to a form at one of `paths`; None: the ordinary way."""
        authorization = given.get(b"authorization")
        if authorization is None or not is_whole(given, body):
            return None
        if not self._hosts.knows(given.get(b"host")):
            return None
        ready, lines = self._forms[path]
        try:
            answer = ready(authorization, body)
        except Exception:
            log.exception("the fast path failed")
            return None
        if isinstance(answer, GivenToken):
            return Found(200, lines.and_(answer.headers), answer.body)
        return None if answer is None else Found(200, lines, answer)

    def waits(self, path: str, given: Given, body: bytes) -> WaitingTokens | None:
        """Who answers such a form in a task of its own; None: the ordinary way."""
        mine = path == TOKEN and is_whole(given, body) and self._hosts.knows(given.get(b"host"))
        return self.waiting if mine else None

    def given(self, token: GivenToken) -> Found:
        """The answer that gives a token."""
        return Found(200, self._forms[TOKEN][1].and_(token.headers), token.body)

    def found(self, path: str, given: Given) -> Found | None:
        """The answer to a GET at one of `paths`; None: the ordinary way."""
        if not self._hosts.knows(given.get(b"host")):
            return None
        if path == LIVE:
            return Found(200, self._alive, ALIVE)
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

    def _lines_of(self, form: str) -> Lines:
        return _lines(self._common, _JSON, NO_STORE, _VARY if form in self._shared else {})

    def _head(self, path: str, document: Document) -> tuple[Lines, Lines]:
        made = self._heads.get(path)
        if made is None or made[0] is not document:
            parts = (document.headers, _VARY if path in self._shared else {})
            common = self._common
            made = self._heads[path] = (document, _lines(common, _JSON, *parts), _lines(common, *parts))
        return made[1:]


async def _answer(send: Send, found: Found, body: bytes) -> None:
    """Content-Length is that of GET, also where `body` is left out for HEAD (RFC 9110 §9.3.2)."""
    headers = [*found.lines.listed, (b"x-request-id", new_id().encode("ascii"))]
    if found.status != 304:
        headers.append((b"content-length", b"%d" % len(found.body)))
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
