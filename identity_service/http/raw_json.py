"""What counts as a JSON text, and how an OAuth endpoint reads an object."""

import json
from typing import Any, Final

from starlette.requests import Request

from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.http.raw_form import read_body, sole_media_type

JSON: Final = "application/json"


def parsed_json(body: bytes) -> Any:
    """The document, in which no object repeats a member. Half surrogate pairs (RFC 8259 §8.2) come through.

    Raises ValueError: no JSON text in UTF-8, or one that is nested too deeply.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


async def read_json_object(request: Request) -> dict[str, Any]:
    """The object in the body, of 64 KiB at most. Raises InvalidRequest, PayloadTooLarge, UnsupportedCoding."""
    media_type, in_utf8 = sole_media_type(request)
    if media_type != JSON:
        raise InvalidRequest("the content type must be application/json")
    if not in_utf8:
        raise InvalidRequest("the charset of JSON must be utf-8")
    try:
        document = parsed_json(await read_body(request))
    except ValueError:
        raise InvalidRequest("the body is no JSON text, or repeats a member") from None
    if not isinstance(document, dict):
        raise InvalidRequest("the body must be a JSON object")
    return document


def _no_number(constant: str) -> None:
    """NaN and the infinities are no JSON (RFC 8259 §6)."""
    raise ValueError(constant)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is repeated")
    return found
