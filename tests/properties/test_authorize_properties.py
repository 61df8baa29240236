"""Nothing on the authorization endpoint sends anybody to a place that the client has not registered, ever."""

import asyncio
import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.house import House
from tests.html import elements
from tests.raw_request import Answered, Raw, send
from tests.visitor import Pkce, app_of, asked

PATH = "/oauth2/authorize"
WEB, QUERIED = "https://app.example/callback", "https://app.example/cb?tenant=1"
LOOPBACK, APP = "http://127.0.0.1/cb", "com.example.app:/cb"
REGISTERED = (WEB, QUERIED, LOOPBACK, APP)
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)
TRICKS = (
    "@evil.example",
    "\\",
    "//",
    "/..",
    "%2e%2e",
    "#",
    "?",
    ";x",
    "\r\n",
    "\t",
    " ",
    "\0",
    ":443",
    ".",
    "а",
)


def edited(text: str, edit: tuple[int, int, str]) -> str:
    """The text with up to two characters removed and others put in their place."""
    position, removed, inserted = edit
    return text[:position] + inserted + text[position + removed :]


edits = st.tuples(st.integers(0, 40), st.integers(0, 2), st.text(max_size=3) | st.sampled_from(TRICKS))
mutated = st.one_of(
    st.sampled_from(REGISTERED),
    st.builds(edited, st.sampled_from(REGISTERED), edits),
    st.builds(str.__add__, st.sampled_from(REGISTERED), st.sampled_from(TRICKS)),
    st.builds(str.__add__, st.sampled_from(TRICKS), st.sampled_from(REGISTERED)),
    st.sampled_from(REGISTERED).map(str.upper),
    st.sampled_from(REGISTERED).map(quote),
    st.integers(0, 99_999).map(lambda port: f"http://127.0.0.1:{port}/cb"),
    st.text(max_size=40),
)
beside = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.sampled_from(("none", "login", "x", "none login")),
        "response_type": st.sampled_from(("code", "token", "", "code id_token")),
        "response_mode": st.sampled_from(("query", "form_post", "fragment", "")),
        "scope": st.sampled_from(("openid", "read", "unknown", '"')),
        "state": st.text(st.characters(exclude_categories=("Cc", "Cn", "Co", "Cs")), max_size=8),
        "request_uri": st.just("https://evil.example"),
        "claims": st.sampled_from(("{", "[]", '{"id_token":{"sub":{"value":"x"}}}')),
        "max_age": st.sampled_from(("0", "x")),
    },
)


def is_registered(place: str) -> bool:
    """Byte for byte, but for a port of loopback."""
    port = re.fullmatch(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})/cb", place)
    return place in REGISTERED or (port is not None and int(port[1]) < 65_536)


def leads_to(answer: Answered) -> str | None:
    """Where the browser goes from here: by redirect, or by a form that sends itself. None: nowhere but here."""
    headers = dict(answer.headers)
    location = headers.get(b"location", b"").decode("ascii")
    if location:
        if location.startswith(("/login/", "/consent/", f"{PATH}?")):
            return None
        place, _, query = location.rpartition("error=")
        assert place or "code=" in location
        assert query or "code=" in location
        return (place or location.rpartition("code=")[0])[:-1]
    if b"html" not in headers.get(b"content-type", b""):
        return None
    for form in elements(answer.body.decode(), "form"):
        return form["action"]
    return None


async def answered(house: House, query: bytes, *, post: bool) -> Answered:
    """The answer to the request; a form's is asked again by GET."""
    if not post:
        return await send(house.app, Raw(method="GET", path=PATH, query=query))
    first = await send(house.app, Raw(method="POST", path=PATH, headers=FORM, pieces=(query,)))
    location = dict(first.headers).get(b"location", b"")
    if not location.startswith(f"{PATH}?".encode()):
        return first
    return await send(house.app, Raw(method="GET", path=PATH, query=location.partition(b"?")[2]))


async def tried(house: House, number: int) -> None:
    """Hypothesis is synchronous: it runs in a thread and hands each request to this loop."""
    client = await app_of(house, redirect_uris=REGISTERED)
    loop, places = asyncio.get_running_loop(), set()
    pkce = Pkce.new()

    @settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        uris=st.lists(mutated, min_size=1, max_size=2), more=beside, post=st.booleans(), evil=st.booleans()
    )
    @example(uris=[WEB], more={"prompt": "none"}, post=False, evil=False)
    @example(uris=[QUERIED], more={"prompt": "none"}, post=True, evil=False)
    @example(uris=["http://127.0.0.1:5000/cb"], more={"response_type": "x"}, post=False, evil=False)
    @example(uris=[WEB], more={"prompt": "none", "response_mode": "form_post"}, post=False, evil=False)
    @example(uris=[WEB, "https://evil.example"], more={"prompt": "none"}, post=False, evil=True)
    def attempt(uris: list[str], more: dict[str, str], post: bool, evil: bool) -> None:
        members: list[tuple[str, Any]] = [
            *(asked(client, pkce, redirect_uri=None) | more).items(),
            *(("redirect_uri", uri) for uri in uris),
        ]
        if evil:
            members.reverse()
        query = urlencode(members, errors="surrogatepass").encode()
        work = asyncio.run_coroutine_threadsafe(answered(house, query, post=post), loop)
        answer = work.result(timeout=60)
        assert answer.status in (200, 303, 400, 413)
        place = leads_to(answer)
        if place is not None:
            assert is_registered(place), place
            assert len(uris) == 1
            assert is_registered(uris[0])
            places.add(place)
        elif not (len(uris) == 1 and is_registered(uris[0])):
            assert answer.status in (400, 413)

    await asyncio.to_thread(attempt)
    assert {WEB, QUERIED, "http://127.0.0.1:5000/cb"} <= places


async def test_nothing_leads_to_where_nobody_registered(small_house: House) -> None:
    await tried(small_house, 150)


@pytest.mark.all
async def test_nothing_leads_to_where_nobody_registered_however_long_it_is_tried(small_house: House) -> None:
    await tried(small_house, 5000)
