"""Which requests carry a form, and how much of one is read."""

from starlette.requests import ClientDisconnect, Request

from identity_service.domain.oauth.errors import InvalidRequest, PayloadTooLarge, UnsupportedCoding
from identity_service.domain.oauth.parameters import MAX_FORM_BYTES, Parameters, parse_form

FORM = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> Parameters:
    """Read the parameters of a form POST from its body and from nowhere else (RFC 6749 §2.3.1, §3.2).

    The query string is not looked at. Reading stops at 64 KiB, announced or not.

    Raises:
        InvalidRequest: not exactly one Content-Type, another type than a UTF-8 form, a body that broke off,
            or what `parse_form` refuses.
        PayloadTooLarge: over 64 KiB.
        UnsupportedCoding: a compressed one.
    """
    return parse_form(await read_form_body(request))


async def read_form_body(request: Request) -> bytes:
    """The bytes of the form, for who reads forms in a way of its own first. Raises as `read_form` does."""
    _check_content_type(request.headers.getlist("content-type"))
    _check_announced_length(request.headers.get("content-length", "0"))
    return await read_body(request)


def _check_content_type(given: list[str]) -> None:
    if len(given) != 1:
        raise InvalidRequest("exactly one Content-Type header is needed")
    media_type, in_utf8 = media_type_of(given[0])
    if media_type != FORM:
        raise InvalidRequest("the content type must be application/x-www-form-urlencoded")
    if not in_utf8:
        raise InvalidRequest("the charset of the form must be utf-8")


def media_type_of(content_type: str) -> tuple[str, bool]:
    """The type in lower case, and whether the text is in UTF-8, which it is where no charset is named."""
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    return media_type, not any(_is_other_charset(parameter) for parameter in parameters)


def sole_media_type(request: Request) -> tuple[str, bool]:
    """`media_type_of` the one Content-Type there is; the empty type where there is none, or more than one."""
    given = request.headers.getlist("content-type")
    return media_type_of(given[0]) if len(given) == 1 else ("", True)


def _is_other_charset(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "charset" and value.strip().strip('"') != "utf-8"


def _check_announced_length(announced: str) -> None:
    """Refuse before reading. What is no number is the server's to refuse; `read_body` counts in any case."""
    digits = announced.strip().lstrip("0")
    if digits.isdecimal() and (len(digits) > 9 or int(digits) > MAX_FORM_BYTES):
        raise PayloadTooLarge


async def read_body(request: Request) -> bytes:
    """The whole body, of 64 KiB at most, as it is: nothing is unpacked (RFC 9110 §8.4).

    Raises UnsupportedCoding, PayloadTooLarge; InvalidRequest when it broke off.
    """
    _check_content_coding(request.headers.getlist("content-encoding"))
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                raise PayloadTooLarge
    except ClientDisconnect:
        raise InvalidRequest("the request body ended early") from None
    return bytes(body)


def _check_content_coding(given: list[str]) -> None:
    codings = {coding.strip().lower() for coding in ",".join(given).split(",")}
    if not codings <= {"", "identity"}:
        raise UnsupportedCoding
