"""Request objects that clients publish: which are fetched, how often, and what is kept of them."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Collection
from hashlib import sha256

import pytest

from identity_service.application.authentication.patience import FIRST_BACK_OFF
from identity_service.application.use_cases.sign_in.request_references import (
    MOST_PINNED,
    REQUEST_OBJECT_TYPES,
    RequestReferences,
)
from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.authorize_errors import InvalidRequestUri
from identity_service.domain.oauth.request_object import LONGEST_REQUEST_OBJECT
from identity_service.ports.fetch import Fetched, Unfetchable
from tests.clock import Clock
from tests.entities import client

PLACE = "https://app.example/request.jwt"


def pinned(body: bytes, place: str = PLACE) -> str:
    return f"{place}#{urlsafe_b64encode(sha256(body).digest()).rstrip(b'=').decode()}"


class Site:
    """What is published; None while it does not answer."""

    def __init__(self, body: bytes | None = b"one") -> None:
        self.clock = Clock()
        self.body = body
        self.asked: list[str] = []
        self.slow: asyncio.Event | None = None
        self.references = RequestReferences(fetch=self, clock=self.clock)

    async def get(self, url: str, *, accept: Collection[str], most_bytes: int) -> Fetched:
        assert (accept, most_bytes) == (REQUEST_OBJECT_TYPES, LONGEST_REQUEST_OBJECT)
        self.asked.append(url)
        if self.slow is not None:
            await self.slow.wait()
        if self.body is None:
            raise Unfetchable("away")
        return Fetched(body=self.body, media_type="application/jwt")

    async def found(self, reference: str = PLACE, of: Client | None = None) -> str | None:
        try:
            return await self.references(reference, of or client(request_uris=(reference,)))
        except InvalidRequestUri:
            return None


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(f"{PLACE}?x=y", id="a query"),
        pytest.param(f"{PLACE}#", id="a bare number sign"),
        pytest.param(pinned(b"one"), id="a pin that is not registered"),
        pytest.param("https://APP.example/request.jwt", id="the case of the host"),
        pytest.param("https://app.example:443/request.jwt", id="the usual port"),
        pytest.param("https://app.example/./request.jwt", id="a dot segment"),
        pytest.param("http://app.example/request.jwt", id="http"),
        pytest.param("http://169.254.169.254/latest/meta-data", id="a place inside"),
        pytest.param("urn:ietf:params:oauth:request_uri:x", id="a pushed request"),
        pytest.param("file:///etc/passwd", id="a file"),
    ],
)
async def test_attack_22_what_is_not_registered_is_not_fetched(reference: str) -> None:
    site = Site()

    assert await site.found(reference, client(request_uris=(PLACE,))) is None
    assert site.asked == []
    assert await site.found(PLACE, client(request_uris=(PLACE,))) == "one"


async def test_attack_22_a_pin_is_not_left_out_either() -> None:
    site = Site()

    assert await site.found(PLACE, client(request_uris=(pinned(b"one"),))) is None
    assert site.asked == []


async def test_oidc_core_s6_2_what_is_not_pinned_is_fetched_for_each_request() -> None:
    site = Site(b" one\r\n")

    assert [await site.found(), await site.found()] == ["one", "one"]
    site.body = b"two"
    assert await site.found() == "two"
    assert site.asked == [PLACE] * 3


async def test_oidc_core_s6_2_what_is_pinned_is_fetched_once() -> None:
    site = Site()

    assert [await site.found(pinned(b"one")) for _ in range(3)] == ["one"] * 3
    assert site.asked == [PLACE], "without the fragment, and once"
    assert await site.found(pinned(b"two")) is None, "another hash is not that of what is there"
    site.body = b"two"
    assert await site.found(pinned(b"two")) == "two"
    assert await site.found(pinned(b"one")) == "one"


async def test_oidc_core_s6_2_the_hash_is_that_of_every_byte() -> None:
    site = Site(b"one\n")

    assert await site.found(pinned(b"one")) is None
    assert await site.found(pinned(b"one\n")) == "one"


async def test_attack_35_there_is_room_for_so_many_and_the_first_has_to_go() -> None:
    site = Site()
    for number in range(MOST_PINNED + 1):
        await site.found(pinned(b"one", f"https://app.example/{number}"))
    site.asked.clear()

    await site.found(pinned(b"one", f"https://app.example/{MOST_PINNED}"))
    assert site.asked == []
    await site.found(pinned(b"one", "https://app.example/0"))
    assert site.asked == ["https://app.example/0"]


async def test_attack_35_whoever_comes_during_a_fetch_gets_what_it_gives() -> None:
    site = Site()
    site.slow = asyncio.Event()
    waiting = [asyncio.create_task(site.found()) for _ in range(5)]
    while not site.asked:
        await asyncio.sleep(0)
    waiting[0].cancel()
    site.slow.set()

    assert await asyncio.gather(*waiting[1:]) == ["one"] * 4
    assert site.asked == [PLACE]


async def test_attack_35_a_place_that_fails_is_left_alone_for_a_while() -> None:
    site = Site(None)
    wait = FIRST_BACK_OFF
    for asked in (1, 2, 3):
        assert await site.found() is None
        assert await site.found() is None
        assert len(site.asked) == asked
        site.clock.now += wait - 1
        assert await site.found() is None
        assert len(site.asked) == asked
        site.clock.now += 1
        wait *= 2

    site.body = b"one"
    assert await site.found() == "one"
    assert await site.found() == "one"
