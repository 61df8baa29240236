"""What a client asks, by itself or in an object: who is asked about it, and who is not."""

from typing import Any

import pytest

from identity_service.application.use_cases.sign_in.request_objects import RequestObjects
from identity_service.domain.oauth.authorize_errors import InvalidRequestObject
from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.parameters import parse_query
from identity_service.ports.tokens.key_sets import Opened
from identity_service.ports.tokens.signer import UnverifiableToken
from tests.entities import client

CLIENT = client(jwks={"keys": []}, request_object_signing_alg="ES256")
GOOD = {"iss": "a client", "client_id": "a client", "aud": "https://id.example", "state": "inside"}


class Keys:
    """Opens the token `good`, and notes what it was asked for."""

    def __init__(self, **claims: Any) -> None:
        self.claims = GOOD | claims
        self.asked: list[tuple[str, str | None]] = []

    async def open(self, of: Any, token: str, *, alg: str | None) -> Opened:
        self.asked.append((token, alg))
        if token != "good":
            raise UnverifiableToken("no")
        return Opened(None, self.claims)


def no_storage() -> Any:
    raise AssertionError("nothing is to be written")


def opening(keys: Keys) -> RequestObjects:
    made: Any = RequestObjects
    requests: RequestObjects = made(
        keys=keys,
        begin=no_storage,
        references=None,
        issuer="https://id.example",
        clock=lambda: 1_800_000_000.0,
    )
    return requests


@pytest.mark.parametrize("query", [b"client_id=a+client&state=x", b"request=&request_uri="])
async def test_a_request_without_an_object_is_given_back_and_nobody_is_asked(query: bytes) -> None:
    keys, asked = Keys(), parse_query(query)

    assert await opening(keys)(asked, CLIENT) is asked
    assert keys.asked == []


async def test_rfc9101_s6_an_object_is_opened_by_the_clients_keys_and_its_algorithm() -> None:
    keys = Keys()

    said = await opening(keys)(parse_query(b"client_id=a+client&state=beside&request=good"), CLIENT)

    assert (said.parameters.get("state"), keys.asked) == ("inside", [("good", "ES256")])
    with pytest.raises(InvalidRequestObject):
        await opening(keys)(parse_query(b"client_id=a+client&request=bad"), CLIENT)


@pytest.mark.parametrize(
    "query", [b"request=good&request=good", b"request=good&request_uri=https://a.example"]
)
async def test_rfc9101_s5_one_object_and_no_more(query: bytes) -> None:
    keys = Keys()

    with pytest.raises(InvalidRequest):
        await opening(keys)(parse_query(query), CLIENT)

    assert keys.asked == []


async def test_attack_35_what_is_too_long_is_not_opened() -> None:
    keys = Keys()

    with pytest.raises(InvalidRequestObject, match="too long"):
        await opening(keys)(parse_query(b"request=" + b"x" * 16_385), CLIENT)

    assert keys.asked == []


async def test_rfc9101_s10_5_a_client_that_has_to_sign_does_not_ask_otherwise() -> None:
    strict = client(jwks={"keys": []}, require_signed_request_object=True)

    with pytest.raises(InvalidRequest):
        await opening(Keys())(parse_query(b"client_id=a+client&state=x"), strict)
    assert (await opening(Keys())(parse_query(b"request=good"), strict)).parameters.get("state") == "inside"
