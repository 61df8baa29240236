"""What anybody may know: key set, metadata, the page at the root (RFC 7517, RFC 8414)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import KeySet

from identity_service.i18n.catalogues import catalogues
from tests.house import ISSUER, House

Open = Callable[..., AbstractAsyncContextManager[House]]
JWKS = "/.well-known/jwks.json"
METADATA = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
DOCUMENTS = (JWKS, METADATA, "/", "/openapi.json")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


async def test_rfc7517_s5_the_key_set_verifies_our_tokens(house: House) -> None:
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    keys = (await house.http.get(JWKS)).json()

    decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])
    assert decoded.claims["client_id"] == client.id
    assert decoded.header["kid"] in [key["kid"] for key in keys["keys"]]


async def test_s1_the_key_set_holds_public_members_only(small_house: House) -> None:
    for key in (await small_house.http.get(JWKS)).json()["keys"]:
        assert not PRIVATE_MEMBERS.intersection(key)
        assert (key["use"], key["alg"], key["kty"]) == ("sig", "RS256", "RSA")


async def test_oidc_discovery_s3_the_languages_announced_are_those_of_the_pages(small_house: House) -> None:
    members = (await small_house.http.get(OPENID)).json()

    assert set(members["ui_locales_supported"]) == set(catalogues())


async def test_s1_no_key_set_is_published_while_no_key_is_held(small_house: House) -> None:
    small_house.container.key_ring().replace([])

    answer = await small_house.http.get(JWKS)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["cache-control"] == "no-store"


async def test_s1_how_long_keys_may_be_kept_is_a_setting(house_with: Open) -> None:
    async with house_with(jwks_max_age_seconds=77) as house:
        assert (await house.http.get(JWKS)).headers["cache-control"] == "public, max-age=77"


async def test_rfc9110_s13_1_2_a_document_that_the_caller_has_is_not_sent_again(small_house: House) -> None:
    for path in DOCUMENTS:
        first = await small_house.http.get(path)
        tag = first.headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await small_house.http.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"]


async def test_rfc9110_s13_1_2_another_tag_gets_the_document(small_house: House) -> None:
    for path in DOCUMENTS:
        for known in ('"other"', "", "no tag at all", 'W/"'):
            assert (await small_house.http.get(path, headers={"If-None-Match": known})).status_code == 200


async def test_s1_another_key_has_another_tag(house_with: Open) -> None:
    async with house_with() as one, house_with(jwt_private_key=None) as other:
        assert (await one.http.get(JWKS)).headers["etag"] != (await other.http.get(JWKS)).headers["etag"]


async def test_rfc9110_s9_3_2_head_has_the_headers_of_get_and_no_body(small_house: House) -> None:
    for path in (*DOCUMENTS, "/docs", "/docs/assets/swagger-ui.css"):
        get, head = await small_house.http.get(path), await small_house.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-length", "content-type", "cache-control"):
            assert head.headers.get(name) == get.headers.get(name)


async def metadata(house: House, path: str = METADATA) -> dict[str, Any]:
    answer = await house.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


@pytest.mark.parametrize(
    ("path", "reader"),
    [
        pytest.param(METADATA, AuthorizationServerMetadata, id="RFC 8414"),
        pytest.param(OPENID, OpenIDProviderMetadata, id="OIDC Discovery"),
    ],
)
async def test_the_metadata_satisfies_an_independent_reader(
    small_house: House, path: str, reader: type[AuthorizationServerMetadata]
) -> None:
    told = await metadata(small_house, path)

    reader(told).validate()
    with pytest.raises(ValueError, match="jwks_uri"):
        reader(told | {"jwks_uri": "http://id.example"}).validate()


async def test_oidc_discovery_s3_both_addresses_say_the_same(small_house: House) -> None:
    told = await metadata(small_house, OPENID)

    assert told == await metadata(small_house)
    assert told["authorization_endpoint"] == f"{ISSUER}/oauth2/authorize"
    assert told["userinfo_endpoint"] == f"{ISSUER}/oauth2/userinfo"
    assert told["end_session_endpoint"] == f"{ISSUER}/oauth2/logout"
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["claims_parameter_supported"] is True
    assert told["request_parameter_supported"] is True
    assert set(told["claims_supported"]) >= {"sub", "email", "address", "phone_number", "name"}


async def test_rfc8414_s2_the_metadata_says_what_is_served(small_house: House) -> None:
    told = await metadata(small_house)

    assert told["issuer"] == ISSUER
    assert told["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    ]
    assert told["revocation_endpoint_auth_methods_supported"] == told["token_endpoint_auth_methods_supported"]
    assert told["introspection_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    for endpoint in ("token", "introspection", "revocation"):
        algs = told[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
        assert algs == ["RS256", "PS256", "ES256", "EdDSA"]
    assert set(told["scopes_supported"]) >= {"account", "admin", "users:read", "clients:write"}
    assert told["request_uri_parameter_supported"] is False


async def test_rfc8414_s3_2_no_list_is_empty(small_house: House) -> None:
    told = await metadata(small_house)

    assert [name for name, value in told.items() if value in ([], None, "")] == []


async def test_rfc8414_s2_every_endpoint_named_is_there(small_house: House) -> None:
    told = await metadata(small_house)

    for member in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert told[member].startswith(ISSUER)
        assert (await small_house.http.post(told[member])).status_code == 400
        assert (await small_house.http.get(told[member])).status_code == 405


async def test_s9_password_is_listed_once_an_active_client_has_it(house: House) -> None:
    await house.add_client()

    assert (await metadata(house))["grant_types_supported"] == [
        "authorization_code",
        "password",
        "refresh_token",
        "client_credentials",
    ]


@pytest.mark.parametrize(
    "client",
    [
        pytest.param({"grants": ("client_credentials", "refresh_token")}, id="no client has it"),
        pytest.param({"active": False}, id="only a deactivated client has it"),
        pytest.param({"grants": ("urn:example:password", "my_password")}, id="only names like it"),
    ],
)
async def test_s9_password_is_not_listed_where_nobody_may_use_it(
    house: House, client: dict[str, Any]
) -> None:
    await house.add_client(**client)

    assert "password" not in (await metadata(house))["grant_types_supported"]


async def test_rfc8414_s3_1_an_issuer_with_a_path_is_found_at_the_inserted_path(house_with: Open) -> None:
    async with house_with(issuer="https://id.example/tenants/one") as house:
        told = await metadata(house, f"{METADATA}/tenants/one")

        assert told["issuer"] == "https://id.example/tenants/one"
        assert told["token_endpoint"] == "https://id.example/tenants/one/oauth2/token"
        assert told == await metadata(house)
        for other in ("/tenants", "/tenants/two", "/tenants/one/", "/"):
            assert (await house.http.get(f"{METADATA}{other}")).status_code == 404
        for path in (f"{OPENID}/tenants/one", f"/tenants/one{OPENID}"):
            assert await metadata(house, path) == told


async def test_s1_the_root_names_the_server_and_where_to_go(small_house: House) -> None:
    told = (await small_house.http.get("/")).json()

    assert (told["name"], told["issuer"]) == ("identity-service", ISSUER)
    assert told["version"]
    assert told["links"]["metadata"] == f"{ISSUER}{METADATA}"
    for name in ("metadata", "jwks", "documentation", "reference", "openapi"):
        assert (await small_house.http.get(told["links"][name])).status_code == 200


FOREIGN = (
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/evil"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-Original-URL": "https://evil.example/", "X-Rewrite-URL": "/evil"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda given: next(iter(given)))
async def test_attack_26_no_link_is_built_from_what_a_request_says(
    any_host: House, headers: dict[str, str]
) -> None:
    for path in (*DOCUMENTS, "/docs", "/nothing", "/oauth2/token"):
        plain, attacked = await any_host.http.get(path), await any_host.http.get(path, headers=headers)

        assert "evil" not in attacked.text + str(attacked.headers)
        assert without_request_id(attacked) == without_request_id(plain)


def without_request_id(answer: httpx2.Response) -> Any:
    if not answer.headers["content-type"].endswith("json"):
        return answer.text
    return {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda given: next(iter(given)))
async def test_attack_26_the_issuer_of_a_token_is_the_configured_one(
    any_host: House, headers: dict[str, str]
) -> None:
    client = await any_host.add_client()

    answer = await any_host.http.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, auth=client.basic, headers=headers
    )

    told = await any_host.introspect(client, answer.json()["access_token"])
    assert (told["iss"], told["aud"]) == (ISSUER, ISSUER)
