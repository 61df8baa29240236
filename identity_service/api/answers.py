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


def private_answer(members: dict[str, Any]) -> Response:
    """A JSON body that nobody may store."""
    return json_answer(members, headers=NO_STORE)
