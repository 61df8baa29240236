"""Assertions in a race, and keys that clients publish (RFC 7523, RFC 7591 §2)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import orjson
import pytest

from tests.api_caller import program
from tests.house import House
from tests.signer import Signer, jwk_of, key_for, signer_in
from tests.web_site import WebSite, leads_inside, served

Open = Callable[..., AbstractAsyncContextManager[House]]
FORM = {"grant_type": "client_credentials"}


async def ask(house: House, form: dict[str, str]) -> httpx2.Response:
    return await house.http.post("/oauth2/token", data=FORM | form)


def is_invalid_client(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json().get("error")) == (401, "invalid_client")


@pytest.mark.every_storage
async def test_attack_20_of_concurrent_uses_one_gets_a_token(house: House) -> None:
    form = (await signer_in(house)).form()

    answers = await asyncio.gather(*(ask(house, form) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


async def test_a_client_rotates_the_keys_that_it_publishes(house_with: Open) -> None:
    async with served(WebSite()) as site:
        place = f"127.0.0.1:{site.port}"
        async with house_with(fetch_exceptions=(place,)) as house:
            signer = await signer_in(house, jwks_uri=f"http://{place}/jwks.json")
            site.says(b'{"keys":[]}')
            assert is_invalid_client(await ask(house, signer.form()))

        async with house_with(fetch_exceptions=(place,)) as house:
            signer = await signer_in(house, jwks_uri=f"http://{place}/jwks.json")
            publish(site, key_for("ES256"))
            for _ in range(3):
                assert (await ask(house, signer.form())).status_code == 200
            assert len(site.asked) == 2

            publish(site, key_for("EdDSA"))
            assert is_invalid_client(await ask(house, Signer(signer.client, key_for("EdDSA")).form()))
            assert len(site.asked) == 2, "an unknown key soon after a fetch asks nobody"


def publish(site: WebSite, *keys: Any) -> None:
    site.says(orjson.dumps({"keys": [jwk_of(key) for key in keys]}))


async def test_attack_13_a_client_that_is_ended_while_its_keys_are_fetched_gets_nothing(
    house_with: Open,
) -> None:
    async with served(WebSite()) as site, house_with(fetch_exceptions=(f"127.0.0.1:{site.port}",)) as house:
        signer = await signer_in(house, jwks_uri=f"http://127.0.0.1:{site.port}/jwks.json")
        admin = await program(house)
        publish(site, key_for("ES256"))
        site.hold = asyncio.Event()
        asking = asyncio.create_task(ask(house, signer.form()))
        while not site.asked:
            await asyncio.sleep(0.01)

        for order in ("deactivate", "activate"):
            await admin("POST", f"/clients/{signer.client.id}/{order}")
        site.hold.set()

        assert is_invalid_client(await asking)
        assert (await ask(house, signer.form())).status_code == 200


async def test_attack_22_keys_inside_are_not_fetched(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(WebSite()) as site:
        for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
            leads_inside(monkeypatch, "keys.example", to=address)
            signer = await signer_in(small_house, jwks_uri=f"https://keys.example:{site.port}/jwks.json")

            assert is_invalid_client(await ask(small_house, signer.form()))
        assert site.asked == []
