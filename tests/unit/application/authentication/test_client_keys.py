"""Keys that clients publish: asked for as seldom as will do, and as soon as a client rotates."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from identity_service.application.authentication.client_keys import (
    FRESH_SECONDS,
    MOST_SITES,
    STALE_SECONDS,
    UNKNOWN_KEY_SECONDS,
    ClientKeys,
)
from identity_service.application.authentication.patience import FIRST_BACK_OFF, LONGEST_BACK_OFF
from identity_service.domain.entities.client import Client
from identity_service.ports.fetch import Fetched, Unfetchable
from identity_service.ports.tokens.key_sets import KeySet, Opened
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken
from tests.clock import Clock
from tests.entities import client

URI = "https://app.example/jwks.json"
CLIENT = client(jwks_uri=URI, token_endpoint_auth_method="private_key_jwt")


class Names:
    """A key set that is a list of names; a token names its key, and the algorithm it must be opened with."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = names

    def open(self, token: str, *, alg: str | None) -> Opened:
        if token not in self.names:
            raise UnknownKey("no such key")
        return Opened(alg, {"key": token})


class Reader:
    def check(self, jwks: Mapping[str, Any]) -> None:
        raise AssertionError("nothing is registered here")

    def read(self, jwks: Mapping[str, Any]) -> KeySet:
        if not jwks["keys"]:
            raise ValueError("no keys")
        return Names(jwks["keys"])

    def parse(self, body: bytes) -> KeySet:
        return self.read({"keys": body.decode().split()})


class Site:
    """What the client publishes; None while it does not answer."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.body: bytes | None = b"one"
        self.asked: list[str] = []
        self.slow: asyncio.Event | None = None
        self.keys = ClientKeys(key_sets=Reader(), fetch=self, clock=self.clock)

    async def get(self, url: str, *, accept: Collection[str], most_bytes: int) -> Fetched:
        self.asked.append(url)
        if self.slow is not None:
            await self.slow.wait()
        if self.body is None:
            raise Unfetchable("away")
        return Fetched(body=self.body, media_type="application/json")

    async def opens(self, token: str, of: Client = CLIENT) -> bool:
        try:
            await self.keys.open(of, token, alg=of.token_endpoint_auth_signing_alg)
        except UnverifiableToken:
            return False
        return True


@pytest.fixture
def site() -> Site:
    return Site()


async def test_registered_keys_are_not_fetched(site: Site) -> None:
    registered = client(jwks={"keys": ["mine"]}, token_endpoint_auth_signing_alg="ES256")

    assert await site.keys.open(registered, "mine", alg="ES256") == ("ES256", {"key": "mine"})
    assert not await site.opens("one", registered)
    assert not await site.opens("one", client(jwks={"keys": []}))
    assert not await site.opens("one", client())
    assert site.asked == []


async def test_published_keys_are_fetched_once_and_used_while_fresh(site: Site) -> None:
    for _ in range(3):
        assert await site.opens("one")
    site.clock.now += FRESH_SECONDS - 1
    assert await site.opens("one")
    assert site.asked == [URI]

    site.clock.now += 1
    site.body = b"two"
    assert not await site.opens("one"), "a key that was taken back"
    assert len(site.asked) == 2


async def test_a_client_rotates_at_once(site: Site) -> None:
    await site.opens("one")
    site.clock.now += UNKNOWN_KEY_SECONDS
    site.body = b"one two"

    assert await site.opens("two")
    assert len(site.asked) == 2


async def test_attack_35_made_up_keys_make_us_ask_no_more_than_so_often(site: Site) -> None:
    await site.opens("one")
    for number in range(20):
        assert not await site.opens(f"made up {number}")
    assert len(site.asked) == 1

    site.clock.now += UNKNOWN_KEY_SECONDS
    for number in range(20):
        assert not await site.opens(f"made up {number}")
    assert len(site.asked) == 2
    assert await site.opens("one")


async def test_a_site_that_fails_is_left_alone_ever_longer(site: Site) -> None:
    site.body = None
    wait = FIRST_BACK_OFF
    for failures in range(1, 12):
        assert not await site.opens("one")
        assert len(site.asked) == failures
        site.clock.now += wait - 0.5
        assert not await site.opens("one")
        assert len(site.asked) == failures
        site.clock.now += 0.5
        wait = min(wait * 2, LONGEST_BACK_OFF)

    site.body = b"one"
    assert await site.opens("one")
    site.clock.now += FRESH_SECONDS
    site.body = None
    await site.opens("one")
    site.clock.now += FIRST_BACK_OFF
    await site.opens("one")
    assert len(site.asked) == 14, "it begins anew after a success"


async def test_known_keys_outlive_the_absence_of_their_site_for_a_while(site: Site) -> None:
    await site.opens("one")
    site.body = None

    site.clock.now += STALE_SECONDS - 1
    assert await site.opens("one")
    site.clock.now += 1
    assert not await site.opens("one")


async def test_an_answer_that_is_no_key_set_is_a_failure(site: Site) -> None:
    site.body = b""

    assert not await site.opens("one")
    assert not await site.opens("one")
    assert len(site.asked) == 1


async def test_whoever_comes_during_a_fetch_waits_for_it(site: Site) -> None:
    site.slow = asyncio.Event()
    opening = [asyncio.create_task(site.opens("one")) for _ in range(10)]
    await asyncio.sleep(0)
    site.slow.set()

    assert all(await asyncio.gather(*opening))
    assert len(site.asked) == 1


async def test_attack_35_what_is_remembered_is_bounded(site: Site) -> None:
    for number in range(MOST_SITES + 1):
        assert await site.opens("one", client(jwks_uri=f"https://app{number}.example"))

    assert await site.opens("one", client(jwks_uri=f"https://app{MOST_SITES}.example"))
    assert len(site.asked) == MOST_SITES + 1
    assert await site.opens("one", client(jwks_uri="https://app0.example"))
    assert len(site.asked) == MOST_SITES + 2
