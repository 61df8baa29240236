"""Which language somebody is answered in (RFC 4647 §3.4, RFC 9110 §12.5.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_service.i18n.languages import accepted, chosen


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ((), "en"),
        (("de",), "de"),
        (("DE-ch-1996",), "de"),
        (("fr", "de"), "de"),
        (("fr",), "en"),
        (("zh-Hant-TW",), "zh-Hant"),
        (("zh",), "en"),
        (("zh-hant-x-private",), "zh-Hant"),
        (("",), "en"),
        (("deu",), "en"),
    ],
)
def test_s3_4_a_tag_is_shortened_until_it_fits(wanted: tuple[str, ...], language: str) -> None:
    assert chosen(wanted, ("en", "de", "zh-Hant"), otherwise="en") == language


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", ()),
        ("de", ("de",)),
        ("da, en-gb;q=0.8, en;q=0.7", ("da", "en-gb", "en")),
        ("en;q=0.1, de", ("de", "en")),
        ("fr;q=0.5, de;q=0.5", ("fr", "de")),
        ("de;q=0, en", ("en",)),
        ("*, de;q=0.4", ("de",)),
        ("de ; q=0.9", ("de",)),
        ("de;q=2, d_e, de;level=1, -, en", ("en",)),
    ],
)
def test_s12_5_4_the_most_wanted_comes_first_and_what_is_malformed_not_at_all(
    header: str, tags: tuple[str, ...]
) -> None:
    assert accepted(header) == tags


@given(st.text())
def test_no_header_breaks_the_choice(header: str) -> None:
    assert chosen((header, *accepted(header)), ("en", "de"), otherwise="en") in ("en", "de")
