"""What a JSON body may be: one object of known members, of 64 KiB at most, each member once."""

from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request

from identity_service.api.errors import Problem
from identity_service.http.raw_form import read_body, sole_media_type
from identity_service.http.raw_json import JSON as JSON
from identity_service.http.raw_json import parsed_json

MERGE_PATCH = "application/merge-patch+json"


class Body(BaseModel):
    """A request body: members that are not named are refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NoMembers(Body):
    """The body of an order that needs none: nothing at all, or an empty object."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


Wanted = TypeVar("Wanted", bound=Body)


async def read_json(request: Request, wanted: type[Wanted]) -> Wanted:
    """The body of a POST.

    Raises Problem (400, 415), PayloadTooLarge, UnsupportedCoding, RequestValidationError.
    """
    _check_content_type(request, (JSON,), "Accept-Post")
    return _validated(_parsed(await read_body(request)), wanted)


async def read_optional_json(request: Request, wanted: type[Wanted]) -> Wanted:
    """As `read_json`, where no body at all means no members."""
    if not (body := await read_body(request)):
        return wanted()
    _check_content_type(request, (JSON,), "Accept-Post")
    return _validated(_parsed(body), wanted)


async def read_patch(request: Request, wanted: type[Wanted]) -> Wanted:
    """The body of a PATCH: a merge patch (RFC 7396), in which null unsets a member."""
    _check_content_type(request, (JSON, MERGE_PATCH), "Accept-Patch")
    return _validated(_parsed(await read_body(request)), wanted)


def members(body: Body) -> dict[str, Any]:
    """The members that the caller sent; of an object within, too, only those."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    return {name: members(value) if isinstance(value, Body) else value for name, value in sent.items()}


def _check_content_type(request: Request, acceptable: tuple[str, ...], header: str) -> None:
    """JSON is UTF-8 (RFC 8259 §8.1): a charset need not be named, and no other may be."""
    media_type, in_utf8 = sole_media_type(request)
    if media_type not in acceptable:
        raise wrong_type(acceptable, header)
    if not in_utf8:
        raise wrong_type(acceptable, header, "the charset must be utf-8")


def wrong_type(acceptable: tuple[str, ...], header: str, detail: str | None = None) -> Problem:
    """What is acceptable is in `header`, too (RFC 9110 §15.5.16, RFC 5789 §2.2)."""
    wanted = detail or f"the content type must be {' or '.join(acceptable)}"
    return Problem(415, "content-type", wanted, headers={header: ", ".join(acceptable)})


def not_json() -> Problem:
    """The body cannot be read at all."""
    return Problem(400, "malformed", "the body is no JSON text, or repeats a member")


def _parsed(body: bytes) -> Any:
    """Half surrogate pairs, which JSON can smuggle in (RFC 8259 §8.2), are left to the models: they name the member."""
    try:
        return parsed_json(body)
    except ValueError:
        raise not_json() from None


def _validated(document: Any, wanted: type[Wanted]) -> Wanted:
    try:
        return wanted.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([one | {"loc": ("body", *one["loc"])} for one in found]) from None
