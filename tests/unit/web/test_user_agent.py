"""Browsers and systems by the names that people know them by."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity_service.web.user_agent import in_words

MOZILLA, WEBKIT = "Mozilla/5.0", "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS, MAC = "(Windows NT 10.0; Win64; x64)", "(Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "(iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        (f"{MOZILLA} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox", "Android"),
        (f"{MOZILLA} {IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iPhone"),
        (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/141.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (f"{MOZILLA} {WINDOWS} {WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge", "Windows"),
        (f"{MOZILLA} {MAC} {WEBKIT} Chrome/141.0.0.0 Safari/537.36 OPR/122.0.0.0", "Opera", "macOS"),
        (f"{MOZILLA} {IPHONE} CriOS/141.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
        (f"{MOZILLA} {IPHONE} Version/18.6 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
        (
            f"{MOZILLA} {MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
            "Safari",
            "macOS",
        ),
        (
            f"{MOZILLA} (Linux; Android 15; SM-S931B) {WEBKIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet",
            "Android",
        ),
        (
            f"{MOZILLA} (X11; CrOS x86_64 16181.0.0) {WEBKIT} Chrome/141.0.0.0 Safari/537.36",
            "Chrome",
            "ChromeOS",
        ),
        ("curl/8.14.1", None, None),
        ("a browser", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_header_becomes_names(user_agent: str | None, browser: str | None, system: str | None) -> None:
    assert in_words(user_agent) == (browser, system)


@settings(max_examples=50)
@given(st.text(max_size=300))
def test_no_header_becomes_anything_but_a_name_of_ours(user_agent: str) -> None:
    browser, system = in_words(user_agent)
    assert browser is None or browser.replace(" ", "").isalpha()
    assert system is None or system.isalpha()
