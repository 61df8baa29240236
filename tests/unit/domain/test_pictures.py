"""Which bytes pages show as a picture, whatever they are called."""

from collections.abc import Callable
from functools import partial

import pytest

from identity_service.domain.services.pictures import MOST_BYTES, MOST_PIXELS, NoPicture, media_type_of
from tests.pictures import gif, jpeg, png, webp

KINDS = [
    pytest.param(png, "image/png", id="PNG"),
    pytest.param(gif, "image/gif", id="GIF89a"),
    pytest.param(partial(gif, version=b"GIF87a"), "image/gif", id="GIF87a"),
    pytest.param(jpeg, "image/jpeg", id="JPEG"),
    pytest.param(partial(jpeg, frame=0xC2), "image/jpeg", id="progressive JPEG"),
    pytest.param(partial(webp, b"VP8 "), "image/webp", id="WebP"),
    pytest.param(partial(webp, b"VP8L"), "image/webp", id="lossless WebP"),
    pytest.param(partial(webp, b"VP8X"), "image/webp", id="extended WebP"),
]


@pytest.mark.parametrize(("make", "media_type"), KINDS)
def test_a_picture_is_known_by_its_bytes_and_measured(make: Callable[..., bytes], media_type: str) -> None:
    for size in ((1, 1), (MOST_PIXELS, 1), (1, MOST_PIXELS), (300, 200)):
        assert media_type_of(make(*size)) == media_type
    for size in ((MOST_PIXELS + 1, 1), (1, MOST_PIXELS + 1)):
        with pytest.raises(NoPicture, match="pixels"):
            media_type_of(make(*size))


@pytest.mark.parametrize(("make", "media_type"), KINDS)
def test_half_of_one_and_one_with_something_behind_are_none(
    make: Callable[..., bytes], media_type: str
) -> None:
    whole = make(300, 200)
    for body in (whole[:-1], whole[: len(whole) // 2], whole + b"<script>", whole[1:]):
        with pytest.raises(NoPicture):
            media_type_of(body)


@pytest.mark.parametrize("make", [png, gif, jpeg, partial(webp, b"VP8 ")])
def test_one_without_an_extent_is_none(make: Callable[..., bytes]) -> None:
    with pytest.raises(NoPicture):
        media_type_of(make(0, 1) if make is not png else png(0, 0))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"/>', id="SVG"),
        pytest.param(b'<?xml version="1.0"?><svg/>', id="SVG with a declaration"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="HTML"),
        pytest.param(b"GIF89a/*;", id="a script that begins like a GIF"),
        pytest.param(b"BM" + bytes(60), id="BMP"),
        pytest.param(b"\0\0\1\0" + bytes(60), id="ICO"),
        pytest.param(b"\0\0\0\x20ftypavif" + bytes(60), id="AVIF"),
        pytest.param(b"\xff\xd8\xff\xd9", id="a JPEG with nothing in it"),
        pytest.param(b"\xff\xd8\xff\xe0\0\0\xff\xd9", id="a JPEG whose segment ends before it begins"),
        pytest.param(b"\xff\xd8" + b"\xff" * 50_000 + b"\xff\xd9", id="a JPEG of fill bytes"),
        pytest.param(b"RIFF\x16\0\0\0WEBPVP8?" + bytes(14), id="a WebP of no kind"),
    ],
)
def test_what_is_no_picture_is_none(body: bytes) -> None:
    with pytest.raises(NoPicture):
        media_type_of(body)


def test_a_large_file_is_none() -> None:
    body = png()
    assert media_type_of(body[:-12] + body[-12:]) == "image/png"
    with pytest.raises(NoPicture, match="bytes"):
        media_type_of(body[:-12] + bytes(MOST_BYTES) + body[-12:])
