"""Decides which bytes are base64url and which are a JSON object: one spelling each, nothing guessed."""

import json
from base64 import urlsafe_b64encode
from binascii import a2b_base64
from math import isfinite
from typing import Any, Final, NoReturn

import orjson

# base64url to base64, every other byte (`+`, `/`, `=` and line breaks too) to one that strict decoding
# refuses
_TO_BASE64: Final = bytes(
    (
        byte
        if chr(byte).isalnum() and byte < 128
        else {ord("-"): ord("+"), ord("_"): ord("/")}.get(byte, ord("!"))
    )
    for byte in range(256)
)
_PADDING: Final = (b"", b"", b"==", b"=")
# the last characters that leave the unused bits of the last byte zero, by length modulo 4; one over is no
# length
_LAST: Final = (frozenset(range(256)), frozenset[int](), frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))


def to_base64url(raw: bytes) -> bytes:
    """base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(raw).rstrip(b"=")


def from_base64url(text: bytes) -> bytes:
    """Decodes what `to_base64url` gives; ValueError for another spelling (RFC 4648 §3.3, §3.5)."""
    over = len(text) % 4
    if text and text[-1] not in _LAST[over]:
        raise ValueError("not base64url: length or trailing bits are wrong")
    return a2b_base64(text.translate(_TO_BASE64) + _PADDING[over], strict_mode=True)


def json_object(text: bytes) -> dict[str, Any]:
    """Parses a JSON object in UTF-8 with unique members and finite numbers at every depth.

    Raises ValueError. What the encoder would have written byte for byte has no doubled member, which spares
    most objects the second, slower parser.
    """
    value = orjson.loads(text)
    if not _is_as_written(value, text):
        value = _parse_slowly(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _is_as_written(value: Any, text: bytes) -> bool:
    try:
        return orjson.dumps(value) == text
    except orjson.JSONEncodeError as error:  # its parser goes deeper than its writer
        raise ValueError("nested too deeply") from error


def _parse_slowly(text: bytes) -> Any:
    try:
        return json.loads(
            text.decode(), object_pairs_hook=_unique, parse_float=_finite, parse_constant=_not_a_number
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
