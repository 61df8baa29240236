"""Nothing a browser can send makes a 500 (PROTOCOL §6): bytes in queries, cookies and forms of the pages, of logout and
of userinfo, with a session and without one."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.house import House
from tests.raw_request import Answered, Raw, send
from tests.visitor import app_of, asked, visitor_of

SESSION, BROWSER = b"__Host-identity-session", b"__Host-identity-browser"
NAMES = (
    b"client_id",
    b"redirect_uri",
    b"response_type",
    b"response_mode",
    b"scope",
    b"state",
    b"nonce",
    b"prompt",
    b"max_age",
    b"display",
    b"ui_locales",
    b"acr_values",
    b"claims",
    b"id_token_hint",
    b"login_hint",
    b"resource",
    b"request",
    b"code_challenge",
    b"code_challenge_method",
    b"csrf",
    b"action",
    b"account",
    b"username",
    b"password",
    b"access_token",
    b"post_logout_redirect_uri",
    *(b"session", b"client", b"version", b"done", b"website", b"birthdate", b"address.region"),
    b"logout_hint",
)
HOME = ("/account/profile", "/account/sessions", "/account/consents")
VALUES = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            b"",
            b"%00",
            b"%ff",
            b"\xff",
            b"\xc3\xa4",
            b"%ED%A0%80",
            b"%2",
            b"+",
            b";",
            b"none",
            b"login",
            b"code",
            b"form_post",
            b"0",
            b"openid+read",
            b"allow",
            b"logout",
            b"%7B%22userinfo%22%3A%7B%22%5Cud800%22%3Anull%7D%7D",
            b"%7B%22id_token%22%3A%7B%22%5Cu0000%22%3A%7B%7D%7D%7D",
            b"e30.e30.e30",
            b"%0d%0aSet-Cookie:a=b",
        ]
    ),
)
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)
METHODS = st.sampled_from(("GET", "POST"))
COOKIES = st.one_of(st.just("good"), st.just("none"), st.binary(max_size=60))


def is_sound(answer: Answered) -> bool:
    headers = dict(answer.headers)
    return (
        answer.status in (200, 303, 400, 401, 403, 404, 413)
        and headers[b"x-content-type-options"] == b"nosniff"
        and headers[b"cache-control"] == b"no-store"
        and all(b"\r" not in value and b"\n" not in value for _, value in answer.headers)
        and b"Set-Cookie:a" not in headers.get(b"location", b"")
    )


async def try_bytes(house: House, number: int) -> None:
    """Hypothesis is synchronous: it runs in a thread and hands each request to this loop."""
    await house.add_user()
    client = await app_of(house)
    loop = asyncio.get_running_loop()
    async with visitor_of(house) as visitor:
        await visitor.agreed(client)
        page = await visitor.to_page(await visitor.ask(client, prompt="consent"))
        login = await visitor.to_page(await visitor.ask(client, prompt="login"))
        good = b"; ".join(
            f"{name.decode()}={visitor.http.cookies[name.decode()]}".encode() for name in (SESSION, BROWSER)
        )
        whole = [(name.encode(), value.encode()) for name, value in asked(client, None).items()]
        form = [(b"csrf", page.csrf.encode())]
        own = [(b"csrf", (await visitor.to_page(await visitor.get("/account/sessions"))).csrf.encode())]
        paths = (
            "/oauth2/authorize",
            "/oauth2/logout",
            "/oauth2/userinfo",
            page.path,
            login.path,
            "/login/x",
            *HOME,
        )

        @settings(
            max_examples=number, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
        )
        @given(
            method=METHODS,
            path=st.sampled_from(paths),
            begun=st.sampled_from(([], whole, form, own)),
            pairs=PAIRS,
            beside=PAIRS,
            cookies=COOKIES,
        )
        def attempt(
            method: str, path: str, begun: Any, pairs: Any, beside: Any, cookies: str | bytes
        ) -> None:
            members = [pair for pair in begun if pair[0] not in dict(pairs)] + pairs
            body, query = (
                b"&".join(name + b"=" + value for name, value in each) for each in (members, beside)
            )
            raw = Raw(
                method=method,
                path=path,
                query=body if method == "GET" else query,
                pieces=(body if method == "POST" else b"",),
                headers=[
                    (b"content-type", b"application/x-www-form-urlencoded"),
                    *_cookie(cookies, good),
                ],
            )
            answer = asyncio.run_coroutine_threadsafe(send(house.app, raw), loop).result(timeout=60)
            assert is_sound(answer), (answer.status, answer.headers, answer.body)

        await asyncio.to_thread(attempt)


def _cookie(cookies: str | bytes, good: bytes) -> list[tuple[bytes, bytes]]:
    if cookies == "none":
        return []
    return [(b"cookie", good if isinstance(cookies, str) else SESSION + b"=" + cookies)]


async def test_s6_no_bytes_to_a_page_make_a_500(house: House) -> None:
    await try_bytes(house, 100)


@pytest.mark.all
async def test_s6_no_bytes_to_a_page_make_a_500_however_long_it_tries(house: House) -> None:
    await try_bytes(house, 5000)
