"""What is announced, and how often the clients are searched for it."""

from types import SimpleNamespace
from typing import Any, Self

import pytest

from identity_service.application.use_cases.keys.publish_keys import PublishKeys
from identity_service.application.use_cases.oauth2.read_metadata import KEPT_SECONDS, ReadMetadata
from identity_service.ports.tokens.key_ring import KeysUnavailable


class Reading:
    """A read of clients that either have every grant or none; it counts how often it is asked."""

    def __init__(self) -> None:
        self.used = False
        self.asked = 0
        self.clients = self

    async def any_active_with_grant(self, grant_type: str) -> bool:
        assert grant_type == "password"
        self.asked += 1
        return self.used

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None


def read_metadata(reading: Reading, time: SimpleNamespace) -> ReadMetadata:
    return ReadMetadata(
        read=lambda: reading,  # type: ignore[arg-type,return-value]  # the one repository that is asked
        grant_types=("password", "client_credentials"),
        signing_algs=("RS256",),
        ui_locales=("en",),
        issuer="https://id.example",
        documentation=False,
        clock=lambda: time.now,
    )


async def test_the_clients_are_searched_once_a_second_at_most() -> None:
    reading, time = Reading(), SimpleNamespace(now=100.0)
    metadata = read_metadata(reading, time)

    for _ in range(5):
        await metadata()
    assert reading.asked == 1

    time.now += KEPT_SECONDS
    await metadata()
    assert reading.asked == 2


async def test_the_password_grant_comes_and_goes_within_a_second() -> None:
    reading, time = Reading(), SimpleNamespace(now=0.0)
    metadata = read_metadata(reading, time)
    assert (await metadata())["grant_types_supported"] == ["client_credentials"]

    reading.used, time.now = True, KEPT_SECONDS
    assert (await metadata())["grant_types_supported"] == ["password", "client_credentials"]

    reading.used, time.now = False, 2 * KEPT_SECONDS
    assert (await metadata())["grant_types_supported"] == ["client_credentials"]


class Ring:
    """A key ring with these public keys."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = keys

    def replace(self, keys: object) -> None:
        raise AssertionError("what is published is only read")

    def public_jwks(self) -> tuple[dict[str, Any], ...]:
        return self.keys


def test_rfc7517_s5_the_keys_stand_in_their_order() -> None:
    assert PublishKeys(Ring({"kid": "a"}, {"kid": "b"}))() == {"keys": [{"kid": "a"}, {"kid": "b"}]}


def test_an_empty_key_set_is_never_published() -> None:
    with pytest.raises(KeysUnavailable):
        PublishKeys(Ring())()
