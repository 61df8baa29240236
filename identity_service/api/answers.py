"""How JSON answers look: kept by nobody, or by everybody for a while."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""RFC 6749 §5.1 asks for both."""


def json_answer(
    members: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A JSON body in UTF-8 (RFC 8259 §8.1)."""
    return Response(orjson.dumps(members), status, headers, media_type="application/json")


def json_body(members: dict[str, Any]) -> bytes:
    """A body to keep: what orjson returns would hold on to its whole working buffer."""
    return bytes(memoryview(orjson.dumps(members)))


def ready_private_answer(body: bytes) -> Response:
    """A JSON body made earlier, which nobody else may store."""
    return Response(body, headers=NO_STORE, media_type="application/json")


def private_answer(members: dict[str, Any]) -> Response:
    """A JSON body that nobody may store."""
    return json_answer(members, headers=NO_STORE)


class Document:
    """A JSON document with its entity tag (RFC 9110 §8.8.3), which anybody may keep for `max_age` seconds."""

    __slots__ = ("body", "headers", "members", "tag")

    def __init__(self, members: Mapping[str, Any], *, max_age: int) -> None:
        self.members = members
        self.body = json_body(dict(members))
        self.tag = f'"{sha256(self.body).hexdigest()[:32]}"'
        self.headers = {"ETag": self.tag, "Cache-Control": f"public, max-age={max_age}"}


def document_answer(request: Request, document: Document) -> Response:
    """The document, or 304 where the caller has it already."""
    if is_known(request, document.tag):
        return Response(status_code=304, headers=document.headers)
    return Response(document.body, 200, document.headers, media_type="application/json")


def is_known(request: Request, tag: str) -> bool:
    """Whether `If-None-Match` says that the caller has this already.

    RFC 9110 §8.8.3 and §13.1.2: tags are compared weakly, and whatever else stands there is no match.
    """
    known = ",".join(request.headers.getlist("if-none-match"))
    return known.strip() == "*" or any(one.strip().removeprefix("W/") == tag for one in known.split(","))


def cacheable_answer(request: Request, members: Mapping[str, Any], *, max_age: int) -> Response:
    """A document made for this request, which anybody may keep for `max_age` seconds."""
    return document_answer(request, Document(members, max_age=max_age))
