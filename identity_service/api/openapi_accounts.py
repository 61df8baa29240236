"""How the routes of users and clients are described: their answers, refusals, conditions and bodies."""

from typing import Any

from pydantic import BaseModel

from identity_service.api.json_body import JSON, Body
from identity_service.api.openapi import TOO_MANY, header, problems

TAG = {"ETag": header("Names this version, for `If-Match` and `If-None-Match`.", examples=['"3"'])}
LINK = {"Link": header('The next page, `rel="next"` (RFC 8288).')}
LOCATION = {"Location": header("Where it is.", format="uri")}
CHALLENGE = {"WWW-Authenticate": header("RFC 6750 §3.")}
RETRY_AFTER = {"Retry-After": header("Seconds.", pattern="^[0-9]+$")}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that the change was based on; another version is refused with 412.",
    "schema": {"type": "string"},
    "example": '"3"',
}
UNLESS_KNOWN: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-None-Match",
            "in": "header",
            "required": False,
            "description": "ETags that the caller has; if this version is among them the answer is 304.",
            "schema": {"type": "string"},
            "example": '"3"',
        }
    ]
}


def answers(
    status: int,
    view: Any,
    text: str,
    *,
    link: bool = False,
    location: bool = False,
    missing: bool = False,
    conflict: bool = False,
    state: str | None = None,
    lost: bool = False,
    reads_body: bool = False,
    throttled: bool = False,
    known: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """The good answer and the refusals that this route can give. `state`: why what is there may not fit the order."""
    headers = (LINK if link else TAG) | (LOCATION if location else {})
    refusals = {
        404: ("There is no such thing.", missing),
        "409_conflict": ("Another one has a name of this kind already.", conflict),
        "409_state": (state or "", state is not None),
        412: ("It is no longer the version that If-Match names.", lost),
        413: ("The body is over 64 KiB.", reads_body),
        415: ("The body is of another type or charset, or compressed.", reads_body),
        429: ("Too many requests, or the current password was tried too often.", throttled),
    }
    chosen = {f"s{code}": what for code, (what, given) in refusals.items() if given}
    not_again: dict[int | str, Any] = {304: {"description": "The caller has this version.", "headers": TAG}}
    good: dict[int | str, Any] = {status: {"model": view, "description": text, "headers": headers}}
    return (good | not_again if known else good) | _always(
        problems(s422="A member or parameter is unknown or not acceptable.", **chosen)
    )


def listed(
    view: Any, text: str, *, missing: bool = False, state: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """The answers that have neither pages nor versions. `state`: why what is there may not fit the order."""
    absent = {"s404": "There is no such thing."} if missing else {}
    unfit = {} if state is None else {"s409_state": state}
    return {200: {"model": view, "description": text}} | _always(
        problems(s422="A parameter is not acceptable.", **absent, **unfit)
    )


def paged(view: Any, text: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a listing that has pages."""
    found = listed(view, text)
    found[200]["headers"] = LINK
    return found


def deleted(
    text: str, *, conditional: bool = True, state: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """The answers of a deletion."""
    lost = {"s412": "It is no longer the version that If-Match names."} if conditional else {}
    unfit = {} if state is None else {"s409_state": state}
    return {204: {"description": text}} | _always(
        problems(s404="There is no such thing.", s422="A parameter is not acceptable.", **lost, **unfit)
    )


def revoked(text: str) -> dict[int | str, dict[str, Any]]:
    """The answers of a global revocation, of which the draft names all but those to what is no JSON."""
    return {204: {"description": text}} | _always(
        problems(
            s400="The body names nobody in a form that is known here.",
            s404="There is no such person.",
            s413="The body is over 64 KiB.",
            s415="The body is of another type or charset, or compressed.",
        )
    )


def _always(more: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    described = problems(
        s400="The request is malformed.",
        s401="There is no token, or one that is not good here.",
        s403="The token does not have the scope this needs.",
        s429="Too many requests.",
        s503="The server cannot answer right now.",
    )
    described[401]["headers"] = described[403]["headers"] = CHALLENGE
    described[503]["headers"] = RETRY_AFTER
    whole = described | more
    whole[429]["headers"] = TOO_MANY
    return whole


def body(
    wanted: type[Body] | None = None, *more_types: str, conditional: bool = False, optional: bool = False
) -> dict[str, Any]:
    """The body of a request, which our own reader takes, and whether `If-Match` counts."""
    described: dict[str, Any] = {"parameters": [IF_MATCH]} if conditional else {}
    if wanted is not None:
        schema = _schema(wanted)
        described["requestBody"] = {
            "required": not optional,
            "content": {media_type: {"schema": schema} for media_type in (JSON, *more_types)},
        }
    return described


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    """With what it refers to in its place: our own reader takes bodies, so none of them is among the components."""
    schema = model.model_json_schema()
    inlined: dict[str, Any] = _inlined(schema, schema.pop("$defs", {}))
    return inlined


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if (reference := part.get("$ref")) is not None:
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {name: _inlined(value, definitions) for name, value in part.items()}
