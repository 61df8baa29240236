"""Which bytes are a picture that pages may show: told by the bytes themselves, never by what somebody calls them.

Vector pictures (SVG) are documents that may hold script and load things: they are none here.
"""

from collections.abc import Callable, Mapping
from typing import Final

MOST_BYTES: Final = 262_144
MOST_PIXELS: Final = 2048
"""On each side: a small file can unpack to gigabytes in the browser of everybody who signs in."""

Size = tuple[int, int]
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\0\0\0\0IEND\xaeB`\x82"
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_STARTS_OF_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15, but for DHT, JPG and DAC (ISO 10918-1, table B.1)."""


class NoPicture(ValueError):
    """The bytes are no picture of a kind that is shown, or too large a one."""


def media_type_of(body: bytes) -> str:
    """`image/png`, `image/jpeg`, `image/gif` or `image/webp`. Raises NoPicture.

    Size and end are looked at, not what lies between: a browser judges that for itself.
    """
    if len(body) > MOST_BYTES:
        raise NoPicture(f"more than {MOST_BYTES} bytes")
    for media_type, size_of in _KINDS.items():
        size = size_of(body)
        if size is None:
            continue
        if not all(0 < each <= MOST_PIXELS for each in size):
            raise NoPicture(f"not 1 to {MOST_PIXELS} pixels wide and high")
        return media_type
    raise NoPicture("neither PNG nor JPEG nor GIF nor WebP")


def _png(body: bytes) -> Size | None:
    """PNG, third edition, §11.2.1."""
    if not (body.startswith(_PNG) and body.endswith(_PNG_END)):
        return None
    return _big(body[16:20]), _big(body[20:24])


def _gif(body: bytes) -> Size | None:
    """GIF89a §18, §27."""
    if body[:6] not in (b"GIF87a", b"GIF89a") or len(body) < 13 or not body.endswith(b";"):
        return None
    return _little(body[6:8]), _little(body[8:10])


def _jpeg(body: bytes) -> Size | None:
    """ISO 10918-1, annex B: segments with their lengths, up to the start of a frame."""
    if not (body.startswith(_JPEG) and body.endswith(_JPEG_END)):
        return None
    at = 2
    while at + 9 <= len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], _big(body[at + 2 : at + 4])
        if marker in _STARTS_OF_FRAMES:
            return _big(body[at + 7 : at + 9]), _big(body[at + 5 : at + 7])
        at += 2 + length if marker != 0xFF else 1
    return None


def _webp(body: bytes) -> Size | None:
    """RFC 9649 §2.3 to §2.7."""
    whole = body[:4] == b"RIFF" and body[8:12] == b"WEBP" and _little(body[4:8]) + 8 == len(body)
    if not whole or len(body) < 30:
        return None
    kind = body[12:16]
    if kind == b"VP8X":
        return _little(body[24:27]) + 1, _little(body[27:30]) + 1
    if kind == b"VP8L" and body[20] == 0x2F:
        bits = _little(body[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[23:26] == b"\x9d\x01\x2a":
        return _little(body[26:28]) & 0x3FFF, _little(body[28:30]) & 0x3FFF
    return None


def _big(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def _little(octets: bytes) -> int:
    return int.from_bytes(octets, "little")


_KINDS: Mapping[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
MEDIA_TYPES: Final = tuple(_KINDS)
