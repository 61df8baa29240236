"""No request object, whoever made it, ends in a defect or sends anybody to where the client has not registered."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.house import House
from tests.properties.test_authorize_properties import (
    REGISTERED,
    WEB,
    answered,
    edited,
    edits,
    is_registered,
    leads_to,
    mutated,
)
from tests.requester import Requester, requester_in
from tests.signer import GONE, signed

texts = st.text(max_size=8) | st.sampled_from(
    ("", "none", "code", "openid", "form_post", "\0", "a b", "-1", WEB)
)
numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts | mutated,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    (
        *("redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "prompt", "max_age"),
        *("display", "ui_locales", "claims", "id_token_hint", "resource", "registration", "code_challenge"),
        *("client_id", "iss", "aud", "exp", "nbf", "iat", "jti", "sub", "request", "request_uri"),
    )
)
claims = st.dictionaries(names | texts, values | st.just(GONE), max_size=4)
heads = st.dictionaries(
    st.sampled_from(("alg", "kid", "typ", "crit", "jwk", "jku", "cty", "zip", "b64")), values, max_size=2
)
beside = st.fixed_dictionaries({}, optional={"redirect_uri": mutated, "state": texts, "scope": texts})


def storable(value: Any) -> bool:
    """Whether JSON has a text for it."""
    try:
        return bool(orjson.dumps(value))
    except (TypeError, ValueError):
        return False


def made(app: Requester, changes: dict[str, Any], head: dict[str, Any]) -> str:
    """An object of the client's own, or as much of it as can be signed."""
    kept = {name: value for name, value in changes.items() if value is GONE or storable({name: value})}
    return signed(app.key, app.claims(**kept), {name: each for name, each in head.items() if storable(each)})


async def tried(house: House, number: int) -> None:
    """Hypothesis is synchronous: it runs in a thread and hands each request to this loop."""
    app = await requester_in(house, redirect_uris=REGISTERED)
    loop, places = asyncio.get_running_loop(), set()

    def attempt(token: str, more: dict[str, str]) -> None:
        query = urlencode(app.beside(request=token, **more), errors="surrogatepass").encode()
        answer = asyncio.run_coroutine_threadsafe(answered(house, query, post=False), loop).result(timeout=60)
        assert answer.status in (200, 303, 400, 413)
        place = leads_to(answer)
        if place is not None:
            assert is_registered(place), place
            places.add(place)

    checked = settings(
        max_examples=number, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )

    @checked
    @given(changes=claims, head=heads, more=beside)
    @example(changes={"prompt": "none"}, head={}, more={"redirect_uri": "https://evil.example"})
    @example(changes={"exp": 1}, head={}, more={"redirect_uri": REGISTERED[1]})
    @example(changes={"redirect_uri": "https://evil.example"}, head={}, more={"redirect_uri": WEB})
    def signed_by_the_client(changes: dict[str, Any], head: dict[str, Any], more: dict[str, str]) -> None:
        attempt(made(app, changes, head), more)

    @checked
    @given(edit=edits, more=beside, text=st.none() | st.text(max_size=60))
    def signed_by_nobody(edit: tuple[int, int, str], more: dict[str, str], text: str | None) -> None:
        attempt(edited(app.object(), edit) if text is None else text, more)

    await asyncio.to_thread(signed_by_the_client)
    await asyncio.to_thread(signed_by_nobody)
    assert {WEB, REGISTERED[1]} <= places


async def test_no_request_object_leads_to_where_nobody_registered(small_house: House) -> None:
    await tried(small_house, 60)


@pytest.mark.all
async def test_no_request_object_leads_to_where_nobody_registered_however_long_it_is_tried(
    small_house: House,
) -> None:
    await tried(small_house, 2500)
