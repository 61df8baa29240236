"""How answers of the OAuth endpoints look."""

from typing import Any

import orjson
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
