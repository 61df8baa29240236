"""What the dynamic plan of the OpenID conformance suite asks of registration; tests are named after its modules."""

import pytest
from sqlalchemy import text

from tests.house import House
from tests.html import elements
from tests.registrant import CALLBACK, Registrant, is_refused, register
from tests.signer import Signer, jwk_of, key_for
from tests.visitor import Pkce, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_oidcc_logo_policy_and_terms_are_shown_to_people(open_registration: House) -> None:
    links = {
        "policy_uri": "https://app.example/policy",
        "tos_uri": "https://app.example/terms",
        "client_uri": "https://app.example/",
    }
    made = await Registrant.new(open_registration, logo_uri="https://app.example/logo.png", **links)
    client = await made.as_client()

    async with visitor_of(open_registration) as visitor:
        page = await visitor.to_page(await visitor.ask(client))
    async with open_registration.container.database().engine.connect() as connection:
        wanted = (await connection.execute(text("SELECT client_id FROM client_logos"))).scalars().all()

    shown = {link.get("href") for link in elements(page.answer.text, "a")}
    assert set(links.values()) <= shown
    assert client.id in wanted


async def test_oidcc_userinfo_rs256_userinfo_is_signed_where_that_was_registered(
    open_registration: House,
) -> None:
    made = await Registrant.new(open_registration, userinfo_signed_response_alg="RS256")
    async with visitor_of(open_registration) as visitor:
        tokens = await visitor.tokens(await made.as_client(), scope="openid")
    answer = await open_registration.http.get(
        "/oauth2/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )

    assert answer.headers["content-type"] == "application/jwt"


async def test_oidcc_redirect_uri_regfrag_and_query_ok(open_registration: House) -> None:
    with_fragment = await register(open_registration, redirect_uris=[f"{CALLBACK}#frag"])
    with_query = await Registrant.new(open_registration, redirect_uris=[f"{CALLBACK}?foo=bar"])

    assert is_refused(with_fragment, "invalid_redirect_uri")
    assert with_query.told["redirect_uris"] == [f"{CALLBACK}?foo=bar"]


async def test_oidcc_idtoken_unsigned_is_refused(open_registration: House) -> None:
    answer = await register(open_registration, id_token_signed_response_alg="none")

    assert is_refused(answer, "invalid_client_metadata")


async def test_oidcc_registration_jwks_uri_is_where_keys_are_fetched_from(open_registration: House) -> None:
    uri = "https://app.example/jwks.json"
    made = await Registrant.new(open_registration, token_endpoint_auth_method="private_key_jwt", jwks_uri=uri)

    assert (await made.as_client()).client.jwks_uri == uri
    for wrong in ("http://app.example/jwks.json", "https://app.example/#x", "file:///etc/passwd"):
        refused = await register(
            open_registration, token_endpoint_auth_method="private_key_jwt", jwks_uri=wrong
        )
        assert is_refused(refused, "invalid_client_metadata")


async def test_oidcc_server_and_refresh_token_with_private_key_jwt_and_another_key_later(
    open_registration: House,
) -> None:
    old, new = key_for("ES256"), key_for("EdDSA")
    made = await Registrant.new(
        open_registration, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [jwk_of(old)]}
    )
    client = await made.as_client()
    pkce = Pkce.new()
    async with visitor_of(open_registration) as visitor:
        code = await visitor.code(client, pkce, scope="openid offline_access")
    exchange = {"grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier}
    form = Signer(client, old).form(redirect_uri=client.client.redirect_uris[0], **exchange)
    tokens = (await open_registration.http.post("/oauth2/token", data=form)).json()

    assert (await made.put(jwks={"keys": [jwk_of(new)]})).status_code == 200
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    by_old = await open_registration.http.post("/oauth2/token", data=Signer(client, old).form(**refresh))
    by_new = await open_registration.http.post("/oauth2/token", data=Signer(client, new).form(**refresh))

    assert is_refused(by_old, "invalid_client", 401)
    assert by_new.status_code == 200
