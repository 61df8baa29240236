"""ID tokens, read as a relying party reads them: by another library, with the published keys (OIDC Core §2, §3.1.3)."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from identity_service.domain.services.sign_in import ACR_PASSWORD
from tests.forged import claims_of, header_of
from tests.house import ISSUER, House, open_house, settings_for
from tests.migrated import copy_of
from tests.visitor import Visitor, app_of, visitor_of

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    # RFC 9864 prefers the name Ed25519; EdDSA is what relying parties know today.
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning"),
]
ALGORITHMS = {"RS256": "sha256", "PS256": "sha256", "ES256": "sha256", "EdDSA": "sha512"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(sqlite_template: Any, tmp_path_factory: Any) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    settings = settings_for(
        folder, database_url=copy_of(sqlite_template, folder), client_signing_algorithms=tuple(ALGORITHMS)
    )
    async with open_house(settings) as opened:
        await opened.add_user(name="Alice Liddell")
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with visitor_of(house) as browser:
        yield browser


async def verified(house: House, token: str, alg: str = "RS256") -> dict[str, Any]:
    keys = KeySet.import_key_set((await house.http.get("/.well-known/jwks.json")).json())
    return dict(jwt.decode(token, keys, algorithms=[alg]).claims)


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_s2_an_id_token_is_signed_as_the_client_was_registered_and_hashes_the_access_token(
    visitor: Visitor, alg: str
) -> None:
    client = await app_of(visitor.house, id_token_signed_response_alg=alg)
    tokens = await visitor.tokens(client, nonce="n-0S6")
    token = tokens["id_token"]
    claims = await verified(visitor.house, token, alg)
    digest = hashlib.new(ALGORITHMS[alg], tokens["access_token"].encode()).digest()

    assert (header_of(token)["alg"], header_of(token)["typ"]) == (alg, "JWT")
    assert claims["at_hash"] == urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    assert header_of(tokens["access_token"])["alg"] == "RS256"


async def test_s2_it_says_who_signed_in_when_how_and_to_whom(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client, nonce="n-0S6", max_age="1000")
    claims = await verified(visitor.house, tokens["id_token"])

    assert (claims["iss"], claims["aud"], claims["azp"]) == (ISSUER, client.id, client.id)
    assert (claims["nonce"], claims["acr"], claims["amr"]) == ("n-0S6", ACR_PASSWORD, ["pwd"])
    assert claims["auth_time"] <= claims["iat"] < claims["exp"] <= claims["iat"] + 900
    assert claims["sub"].isascii()
    assert len(claims["sub"]) <= 255
    access = claims_of(tokens["access_token"])
    for name in ("sub", "auth_time", "acr", "amr", "sid"):
        assert claims[name] == access[name], name
    assert not claims.keys() & {"name", "email", "preferred_username"}


async def test_s3_1_2_1_a_nonce_that_was_not_sent_is_not_there(visitor: Visitor) -> None:
    assert "nonce" not in claims_of((await visitor.tokens(await app_of(visitor.house), nonce=""))["id_token"])


async def test_s12_2_a_refresh_gives_another_that_tells_of_the_same_sign_in(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client, nonce="n-0S6")
    refreshed = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    first = await verified(visitor.house, tokens["id_token"])
    second = await verified(visitor.house, refreshed.json()["id_token"])

    for name in ("iss", "sub", "aud", "azp", "auth_time", "sid", "acr", "amr"):
        assert second[name] == first[name], name
    assert second["iat"] >= first["iat"]
    assert second.get("nonce", "n-0S6") == "n-0S6"
    assert second["at_hash"] != first["at_hash"]


async def test_s12_2_without_openid_there_is_none(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    tokens = await visitor.tokens(client)
    refreshed = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid"
    )
    assert "id_token" in refreshed.json()
    assert "id_token" not in await visitor.tokens(client, scope="read")


async def test_s5_5_single_claims_are_put_where_they_were_asked_for(visitor: Visitor) -> None:
    client = await app_of(visitor.house)
    asked = '{"id_token":{"email":null,"sub":null,"unknown":null},"userinfo":{"name":{"essential":true}}}'
    tokens = await visitor.tokens(client, claims=asked)
    claims = await verified(visitor.house, tokens["id_token"])
    assert claims["email"] == "alice@example.org"
    assert not claims.keys() & {"name", "unknown"}

    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = (await visitor.house.http.get("/oauth2/userinfo", headers=bearer)).json()
    assert told == {"sub": claims["sub"], "name": "Alice Liddell"}
    refreshed = await visitor.house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    bearer = {"Authorization": f"Bearer {refreshed.json()['access_token']}"}
    assert (await visitor.house.http.get("/oauth2/userinfo", headers=bearer)).json() == told


async def test_rfc6749_s5_1_without_openid_a_nonce_changes_nothing(visitor: Visitor) -> None:
    tokens = await visitor.tokens(await app_of(visitor.house), scope="read", nonce="n")

    assert tokens.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}


async def test_s3_1_2_1_a_level_that_discovery_lists_is_reached(visitor: Visitor) -> None:
    metadata = (await visitor.get("/.well-known/openid-configuration")).json()
    levels = metadata["acr_values_supported"]
    tokens = await visitor.tokens(await app_of(visitor.house), acr_values=" ".join(levels))

    assert claims_of(tokens["id_token"])["acr"] in levels


async def test_s8_a_pairwise_client_is_hinted_at_by_its_own_name_for_the_person(visitor: Visitor) -> None:
    pairwise, public = await app_of(visitor.house, subject_type="pairwise"), await app_of(visitor.house)
    tokens = await visitor.tokens(pairwise)
    again = await visitor.ask(pairwise, prompt="none", id_token_hint=tokens["id_token"])

    assert "code=" in again.headers["location"]
    assert (
        claims_of((await visitor.tokens(public))["id_token"])["sub"] != claims_of(tokens["id_token"])["sub"]
    )
