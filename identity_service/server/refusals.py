"""What the server says to bytes that no application hears of, and what is wrong with them."""

import json
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import httptools

from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.http.request_id import new_id

LONGEST_HEAD: Final = 65_536
"""Bytes of request line and headers; a token in a header has at most 16 KiB."""
MOST_HEADERS: Final = 100
"""Lines; browsers and proxies together send thirty."""
PHRASES: Final = {414: "URI Too Long"}
"""RFC 9110, where versions of Python differ."""
_BEGINS_WITH_TOKEN: Final = re.compile(rb"[\r\n]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |\Z)")


class Unreadable(Exception):
    """A request that is answered here and by nobody else; afterwards the connection ends."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


_NO_HTTP: Final = (400, "this is not HTTP/1.1")
_METHOD: Final = "the request line does not begin with a method that this server knows"
_TARGET: Final = (400, "the request line has no path and query that can be read")
_VERSION: Final = (505, "this server speaks HTTP/1.1 and HTTP/1.0")
_FRAMED_TWICE: Final = (400, "Content-Length and Transfer-Encoding cannot be there together")
_LENGTH: Final = (400, "Content-Length has to be one number of bytes")
_CODING: Final = (400, "Transfer-Encoding has to end in chunked")
_CHUNK: Final = (400, "the size of a chunk cannot be read")
_HEADER: Final = (400, "a header cannot be read")
URI_TOO_LONG: Final = (414, "path and query are too long: the head of a request may have 64 KiB")
HEAD_TOO_LONG: Final = (431, "the head is over 64 KiB")
TOO_MANY_HEADERS: Final = (431, f"a request may have {MOST_HEADERS} headers")
_OTHER_HOST: Final = (400, "the target names another host than Host")
_SCHEME: Final = re.compile(rb"^[a-z][a-z0-9+.-]*://")

# By what the parser calls it.
_REASONS: Final = {
    "Invalid method for HTTP/x.x request": (501, _METHOD),
    "Invalid HTTP version": _VERSION,
    "Pause on PRI/Upgrade": _VERSION,
    "Invalid character in Content-Length": _LENGTH,
    "Content-Length overflow": _LENGTH,
    "Duplicate Content-Length": _LENGTH,
    "Content-Length can't be present with Transfer-Encoding": _FRAMED_TWICE,
    "Transfer-Encoding can't be present with Content-Length": _FRAMED_TWICE,
    "Invalid `Transfer-Encoding` header value": _CODING,
    "Request has invalid `Transfer-Encoding`": _CODING,
    "Invalid character in chunk size": _CHUNK,
    "Chunk size overflow": _CHUNK,
    "Invalid header token": _HEADER,
    "Invalid header field char": _HEADER,
    "Invalid header value char": _HEADER,
    "Unexpected space after start line": _HEADER,
}


def reason(error: httptools.HttpParserError, begin: bytes) -> Unreadable:
    """Why the parser gave up.

    Args:
        error: what it raised.
        begin: the bytes at which it began, if they are those of this request; else empty.
    """
    within = error.__context__  # raised by us, in the middle of its work
    if isinstance(within, Unreadable):
        return within
    if isinstance(error, httptools.HttpParserInvalidMethodError):
        return Unreadable(501 if _BEGINS_WITH_TOKEN.match(begin) else 400, _METHOD)
    if isinstance(within or error, httptools.HttpParserInvalidURLError):
        return Unreadable(*_TARGET)
    return Unreadable(*_REASONS.get(str(error), _NO_HTTP))


def check_head(version: str, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """What the parser lets through and RFC 9112 does not (§2.3, §3, §3.2).

    Raises:
        Unreadable: another version, too long a target, too many headers, not exactly one Host, two that differ.
    """
    if version not in ("1.1", "1.0"):
        raise Unreadable(*_VERSION)
    if len(target) >= LONGEST_HEAD:
        raise Unreadable(*URI_TOO_LONG)
    if len(headers) > MOST_HEADERS:
        raise Unreadable(*TOO_MANY_HEADERS)
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise Unreadable(400, "a request has exactly one Host header")
    if hosts and not target.startswith((b"/", b"*")) and _authority(target) != hosts[0].strip().lower():
        raise Unreadable(*_OTHER_HOST)


def _authority(target: bytes) -> bytes:
    """Of an absolute target, which a server has to believe rather than Host (RFC 9112 §3.2.2)."""
    return _SCHEME.sub(b"", target.lower()).partition(b"/")[0].partition(b"?")[0]


def refusal(status: int, detail: str, headers: dict[str, str], *, target: bytes = b"") -> bytes:
    """A whole answer, after which the connection ends: a problem (RFC 9457), or RFC 6749 §5.2 where it is the caller's
    fault and `target`, what was asked, is an OAuth endpoint."""
    phrase = PHRASES.get(status) or HTTPStatus(status).phrase
    request_id = new_id()
    oauth = status < 500 and target.startswith(b"/oauth2/")
    members = {
        "type": f"urn:identity-service:problem:{phrase.lower().replace(' ', '-')}",
        "title": phrase,
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if oauth:
        members = {"error": InvalidRequest.code, "error_description": detail}
    body = json.dumps(members, separators=(",", ":")).encode()
    sent = {
        "content-type": "application/json" if oauth else "application/problem+json",
        "content-length": str(len(body)),
        "connection": "close",
        "x-request-id": request_id,
        **{name.lower(): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode() + body
