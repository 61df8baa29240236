"""The demo registers itself (RFC 7591 §3)."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from identity_service.demo.own_key import make_key, public
from identity_service.demo.party import registration
from identity_service.demo.problem import Problem
from identity_service.demo.registering import registered
from tests.house import ISSUER, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEMO = "http://127.0.0.1:8001"


@pytest.fixture
def wanted(tmp_path: Path) -> dict[str, Any]:
    """Nobody may be told of a sign-out at this address here: these servers make no exception for it."""
    members = registration(DEMO, public(make_key(tmp_path / "key.json")))
    return {name: value for name, value in members.items() if not name.startswith("backchannel_")}


def network(house: House) -> httpx2.ASGITransport:
    return httpx2.ASGITransport(house.app, client=("192.0.2.7", 50000), raise_app_exceptions=False)


async def test_s3_2_1_it_gets_a_client_id_under_which_it_proves_itself_by_its_key(
    open_registration: House, wanted: dict[str, Any]
) -> None:
    client_id = await registered(ISSUER, wanted, transport=network(open_registration))

    async with open_registration.container.read() as uow:
        client = await uow.clients.get(client_id)
    assert client is not None
    assert (client.client_name, client.token_endpoint_auth_method) == ("Browser demo", "private_key_jwt")
    assert client.jwks == wanted["jwks"]
    assert client.registered_by == "open"


async def test_s3_2_2_a_refusal_is_told_in_the_servers_words(
    open_registration: House, wanted: dict[str, Any]
) -> None:
    wanted["redirect_uris"] = ["http://elsewhere.example/callback"]

    with pytest.raises(Problem) as refused:
        await registered(ISSUER, wanted, transport=network(open_registration))

    assert refused.value.error == "invalid_redirect_uri"
    assert str(refused.value.description).startswith("redirect_uris/0: ")


async def test_s3_an_initial_access_token_is_sent_and_a_wrong_one_refused(
    open_registration: House, wanted: dict[str, Any]
) -> None:
    with pytest.raises(Problem, match="invalid_token"):
        await registered(ISSUER, wanted, token="wrong", transport=network(open_registration))


async def test_a_server_without_registration_is_not_asked(
    shared_house: House, wanted: dict[str, Any]
) -> None:
    with pytest.raises(Problem, match="no_registration"):
        await registered(ISSUER, wanted, transport=network(shared_house))
