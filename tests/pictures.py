"""Small pictures of every kind that pages show, as far as anybody here looks at them."""

import struct
import zlib


def png(width: int = 1, height: int = 1) -> bytes:
    """A white one, which browsers show."""
    rows = (b"\0" + b"\xff" * width) * height
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in (*chunks, (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def gif(width: int = 1, height: int = 1, version: bytes = b"GIF89a") -> bytes:
    return version + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def jpeg(width: int = 1, height: int = 1, frame: int = 0xC0) -> bytes:
    tables = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xff\xdb\0\4\0\0" + b"\xff\xc4\0\4\0\0"
    return (
        b"\xff\xd8" + tables + struct.pack(">BBHBHH", 0xFF, frame, 11, 8, height, width) + b"\1\0\0\0\xff\xd9"
    )


def webp(kind: bytes, width: int = 1, height: int = 1) -> bytes:
    if kind == b"VP8X":
        data = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    elif kind == b"VP8L":
        data = b"\x2f" + ((width - 1) | (height - 1) << 14).to_bytes(4, "little") + bytes(5)
    else:
        data = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
