"""Which headers every kind of answer has (OWASP Secure Headers Project, REST Security Cheat Sheet; ASVS 5.0 V3.4)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.house import House

DATA = "default-src 'none'; frame-ancestors 'none'"
KINDS = (
    "/",
    "/health",
    "/health/live",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/users",
    "/oauth2/userinfo",
    "/nothing",
    "/openapi.json",
)
PAGES = ("/docs", "/redoc", "/oauth2/authorize?client_id=nobody", "/account")
House_with = Callable[..., AbstractAsyncContextManager[House]]


@pytest.mark.parametrize("fast_path", ["early", "off"])
async def test_data_is_shown_nowhere_framed_nowhere_and_embedded_nowhere(
    house_with: House_with, fast_path: str
) -> None:
    async with house_with(fast_path=fast_path) as house:
        for path in KINDS * 2:  # the second time from the doors in front
            headers = (await house.http.get(path)).headers
            assert headers["content-security-policy"] == DATA, path
            assert headers["cross-origin-resource-policy"] == "same-origin"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"], path
            assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            assert "server" not in headers
            assert len({name for name, _ in headers.multi_items()}) == len(headers.multi_items()), path


async def test_what_says_nothing_of_caches_is_kept_by_none(small_house: House) -> None:
    for path in ("/users", "/oauth2/userinfo", "/nothing", "/health"):
        assert (await small_house.http.get(path)).headers["cache-control"] == "no-store"


async def test_pages_have_a_policy_of_their_own_and_ask_browsers_for_nothing(small_house: House) -> None:
    for path in PAGES:
        answer = await small_house.http.get(path, follow_redirects=True)
        assert answer.headers["content-type"].startswith("text/html"), path
        policy = answer.headers["content-security-policy"]
        assert policy != DATA
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        for feature in ("camera", "geolocation", "microphone", "payment", "usb"):
            assert f"{feature}=()" in answer.headers["permissions-policy"]
        opener = (
            "unsafe-none" if path == "/account" else "same-origin"
        )  # clients may open a sign-in in a window
        assert answer.headers["cross-origin-opener-policy"] == opener
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "max-age=31536000; includeSubDomains"),
        ({"strict_transport_security_seconds": 300}, "max-age=300; includeSubDomains"),
        ({"strict_transport_security_seconds": 0}, None),
        ({"issuer": "http://127.0.0.1:8000"}, None),
        ({"issuer": "https://localhost:8000"}, None),
    ],
    ids=["https", "at-first-for-a-while", "not", "http", "a-name-that-others-share"],
)
async def test_rfc6797_s6_1_browsers_insist_on_https_where_there_is_https(
    house_with: House_with, settings: dict[str, object], told: str | None
) -> None:
    async with house_with(**settings) as house:
        for path in ("/", "/health/live", "/nothing"):
            answer = await house.http.get(path, headers={"Host": "localhost"})
            assert answer.headers.get("strict-transport-security") == told, path
