"""The authorization code flow, from the client's request to its tokens (RFC 6749 §4.1, RFC 7636, OIDC Core §3.1)."""

from collections.abc import AsyncIterator

import pytest

from tests.forged import claims_of
from tests.house import ISSUER, House
from tests.visitor import Pkce, Visitor, app_of, told, visitor_of


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    await house.add_user()
    async with visitor_of(house) as browser:
        yield browser


async def test_rfc6749_s4_1_a_person_signs_in_agrees_and_the_client_gets_tokens(
    house: House, visitor: Visitor
) -> None:
    client, pkce = await app_of(house), Pkce.new()
    login = await visitor.to_page(await visitor.ask(client, pkce, scope="openid email", nonce="n-0S6"))
    assert login.path.startswith("/login/")
    consent = await visitor.to_page(await login.filled())
    assert consent.path.startswith("/consent/")
    answer = told(await consent.submit(action="allow"))

    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("a state", ISSUER)
    tokens = (await visitor.exchange(client, answer["code"], pkce)).json()
    assert tokens["scope"] == "openid email"
    assert {"access_token", "refresh_token", "id_token"} <= tokens.keys()
    assert claims_of(tokens["id_token"])["nonce"] == "n-0S6"
    userinfo = await house.http.get(
        "/oauth2/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert userinfo.json()["email"] == "alice@example.org"
    assert userinfo.json()["sub"] == claims_of(tokens["id_token"])["sub"]


async def test_s4_a_second_redemption_ends_what_the_first_one_gave(house: House, visitor: Visitor) -> None:
    client, pkce = await app_of(house), Pkce.new()
    code = await visitor.code(client, pkce)
    tokens = (await visitor.exchange(client, code, pkce)).json()
    assert await house.is_active(client, tokens["access_token"])

    again = await visitor.exchange(client, code, pkce)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])


async def test_oidc_s3_1_2_who_is_signed_in_and_agreed_before_sees_no_page(
    house: House, visitor: Visitor
) -> None:
    client = await app_of(house)
    await visitor.agreed(client)

    assert told(await visitor.ask(client)).keys() == {"code", "state", "iss"}
