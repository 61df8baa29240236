"""/clients, promise by promise."""

import asyncio
from typing import Any

import pytest

from identity_service.adapters.jwt.jwk import generate_private_key, public_jwk, signing_key
from identity_service.domain.value_objects.secret import OpaqueKind, is_opaque_token
from tests.api_caller import on_shared_house, on_sqlite, pointers, program
from tests.house import ISSUER, House, Registered

RFC7591 = {
    "client_id",
    "client_name",
    "grant_types",
    "response_types",
    "redirect_uris",
    "scope",
    "token_endpoint_auth_method",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "contacts",
    "software_id",
    "software_version",
    "jwks",
    "jwks_uri",
}
RFC9101 = {"require_signed_request_object"}
OIDC_REGISTRATION = {
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "application_type",
    "subject_type",
    "sector_identifier_uri",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "initiate_login_uri",
    "token_endpoint_auth_signing_alg",
    "request_uris",
    "request_object_signing_alg",
}
OURS = {
    "resource_server",
    "audiences",
    "access_token_ttl",
    "refresh_token_ttl",
    "refresh_reuse_grace",
    "access_token_signed_response_alg",
    "first_party",
    "require_pkce",
    "rate_limit_tier",
    "registered_by",
    "active",
    "created_at",
    "updated_at",
}
PUBLIC = public_jwk(signing_key(generate_private_key("ES256")).verification_key())
NEW: dict[str, Any] = {"client_name": "Shop", "grant_types": ["client_credentials"], "scope": "read"}
ORDERS = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/deactivate"),
    ("POST", "/activate"),
    ("POST", "/rotate-secret"),
]


async def status_of(house: House, client_id: str, secret: str) -> int:
    """What a client with this secret gets from the token endpoint."""
    form = {"grant_type": "client_credentials"}
    return (await house.http.post("/oauth2/token", data=form, auth=(client_id, secret))).status_code


async def test_rfc7591_s3_2_1_a_created_client_is_told_its_secret_this_once(house: House) -> None:
    admin = await program(house)

    answer = await admin("POST", "/clients", json=NEW | {"contacts": ["ops@shop.example"]})

    assert answer.status_code == 201
    client = answer.json()
    secret = client.pop("client_secret")
    assert client.pop("client_secret_expires_at") == 0
    assert set(client) == RFC7591 | RFC9101 | OIDC_REGISTRATION | OURS
    assert client["contacts"] == ["ops@shop.example"]
    assert is_opaque_token(OpaqueKind.CLIENT_SECRET, secret)
    assert answer.headers["location"] == f"{ISSUER}/clients/{client['client_id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert await status_of(house, client["client_id"], secret) == 200
    shown = await admin("GET", f"/clients/{client['client_id']}")
    assert shown.json() == client
    assert (shown.headers["etag"], answer.headers["etag"]) == ('"1"', '"1"')


async def test_attack_33_no_later_answer_has_a_secret_in_it(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", **NEW)
    path = f"/clients/{made['client_id']}"

    answers = [
        await admin("GET", path),
        await admin("GET", "/clients"),
        await admin("PATCH", path, json={"client_name": "New"}),
        await admin("POST", f"{path}/deactivate"),
        await admin("POST", f"{path}/activate"),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert "secret" not in answer.text.replace("client_secret_basic", "")
        assert "hash" not in answer.text


async def test_s2_a_public_client_gets_no_secret_and_cannot_rotate_one(house: House) -> None:
    admin = await program(house)

    made = await admin.made(
        "/clients", client_name="App", grant_types=["password"], token_endpoint_auth_method="none"
    )
    rotated = await admin("POST", f"/clients/{made['client_id']}/rotate-secret")

    assert "client_secret" not in made
    assert rotated.status_code == 409


@on_shared_house
@pytest.mark.parametrize(
    ("members", "at"),
    [
        ({"client_name": None}, "/client_name"),
        ({"client_name": "a\0"}, "/client_name"),
        ({"client_name": "\u202eadmin"}, "/client_name"),
        ({"grant_types": ["implicit"]}, "/grant_types/0"),
        ({"grant_types": "password"}, "/grant_types"),
        ({"grant_types": [None]}, "/grant_types/0"),
        ({"redirect_uris": ["https://a.example", "javascript:alert(1)"]}, "/redirect_uris/1"),
        ({"grant_types": ["authorization_code"]}, "/redirect_uris"),
        ({"redirect_uris": ["https://a.example/cb?x=1&code=2"]}, "/redirect_uris/0"),
        ({"redirect_uris": ["https://a.example/cb?iss=https://b.example"]}, "/redirect_uris/0"),
        ({"response_types": ["code"]}, "/response_types"),
        ({"scope": "a  b"}, "/scope"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "/token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "/grant_types"),
        ({"logo_uri": "javascript:alert(1)"}, "/logo_uri"),
        ({"audiences": ["https://api.example"]}, "/audiences"),
        ({"resource_server": True, "audiences": ["no uri"]}, "/audiences/0"),
        ({"access_token_ttl": 1}, "/access_token_ttl"),
        ({"access_token_ttl": 60.5}, "/access_token_ttl"),
        ({"access_token_ttl": True}, "/access_token_ttl"),
        ({"jwks_uri": "http://internal.example"}, "/jwks_uri"),
        ({"jwks_uri": "https://a.example", "jwks": {"keys": [PUBLIC]}}, "/jwks"),
        ({"jwks": {"keys": []}}, "/jwks"),
        ({"jwks": {"keys": [PUBLIC, PUBLIC]}}, "/jwks"),
        ({"jwks": {"keys": [PUBLIC, PUBLIC | {"d": "x"}]}}, "/jwks/keys/1"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "/jwks/keys/0"),
        ({"jwks": {"keys": [PUBLIC | {"crv": "P-384"}]}}, "/jwks/keys/0"),
        ({"jwks": {"keys": [PUBLIC | {"alg": "HS256"}]}}, "/jwks/keys/0"),
        ({"jwks": {"keys": [PUBLIC | {"kid": ["x"]}]}}, "/jwks/keys/0"),
        ({"jwks": "keys"}, "/jwks"),
        ({"token_endpoint_auth_signing_alg": "ES256"}, "/token_endpoint_auth_signing_alg"),
        ({"request_uris": ["https://a.example/r", "https://a.example/r#x"]}, "/request_uris/1"),
        ({"request_object_signing_alg": "none"}, "/request_object_signing_alg"),
        ({"require_signed_request_object": True}, "/require_signed_request_object"),
        ({"redirect_uris": ["com.example.shop:/cb"]}, "/redirect_uris"),
        ({"post_logout_redirect_uris": ["http://shop.example"]}, "/post_logout_redirect_uris/0"),
        ({"post_logout_redirect_uris": ["com.example.shop:/bye"]}, "/post_logout_redirect_uris"),
        ({"application_type": "desktop"}, "/application_type"),
        ({"subject_type": "secret"}, "/subject_type"),
        ({"subject_type": "pairwise"}, "/sector_identifier_uri"),
        (
            {"subject_type": "pairwise", "sector_identifier_uri": "https://a.example", "scope": "account"},
            "/scope",
        ),
        ({"sector_identifier_uri": "http://shop.example"}, "/sector_identifier_uri"),
        ({"id_token_signed_response_alg": "none"}, "/id_token_signed_response_alg"),
        ({"id_token_signed_response_alg": "ES256"}, "/id_token_signed_response_alg"),
        ({"userinfo_signed_response_alg": "none"}, "/userinfo_signed_response_alg"),
        ({"default_max_age": -1}, "/default_max_age"),
        ({"default_max_age": "60"}, "/default_max_age"),
        ({"require_auth_time": "yes"}, "/require_auth_time"),
        ({"default_acr_values": ["a b"]}, "/default_acr_values/0"),
        ({"first_party": None}, "/first_party"),
        ({"require_pkce": 0}, "/require_pkce"),
        ({"initiate_login_uri": "http://shop.example/login"}, "/initiate_login_uri"),
        ({"client_id": "chosen"}, "/client_id"),
        ({"client_secret": "chosen"}, "/client_secret"),
        ({"epoch": 5}, "/epoch"),
    ],
)
async def test_rfc7591_s3_2_2_a_bad_member_is_422_and_named(
    shared_house: House, members: dict[str, Any], at: str
) -> None:
    admin = await program(shared_house)

    answer = await admin("POST", "/clients", json=NEW | members)

    assert answer.status_code == 422
    assert pointers(answer) == [at]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_s5_a_resource_server_without_audience_introspects_for_the_default_one(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", client_name="API", resource_server=True)
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    asked = await house.http.post(
        "/oauth2/introspect", data={"token": token}, auth=(made["client_id"], made["client_secret"])
    )

    assert made["audiences"] == [ISSUER]
    assert asked.json()["active"] is True


async def test_s5_the_loss_of_introspection_rights_shows_at_once(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", client_name="API", resource_server=True)
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    changed = await admin("PATCH", f"/clients/{made['client_id']}", json={"resource_server": False})
    asked = await house.http.post(
        "/oauth2/introspect", data={"token": token}, auth=(made["client_id"], made["client_secret"])
    )

    assert changed.json()["audiences"] == []
    assert asked.json() == {"active": False}


async def test_rfc7396_a_patch_changes_what_it_names_and_null_unsets(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", **NEW, access_token_ttl=60, client_uri="https://shop.example")

    answer = await admin(
        "PATCH",
        f"/clients/{made['client_id']}",
        json={"access_token_ttl": None, "client_uri": None, "scope": "read write"},
        headers={"Content-Type": "application/merge-patch+json"},
    )

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    changed = answer.json()
    assert (changed["access_token_ttl"], changed["client_uri"]) == (None, None)
    assert (changed["scope"], changed["client_name"]) == ("read write", "Shop")
    assert changed["grant_types"] == ["client_credentials"]


@on_sqlite
@pytest.mark.parametrize("member", ["client_name", "grant_types", "scope", "resource_server", "audiences"])
async def test_rfc7396_what_cannot_be_unset_is_422(house: House, member: str) -> None:
    admin = await program(house)
    client = await house.add_client()

    answer = await admin("PATCH", f"/clients/{client.id}", json={member: None})

    assert (answer.status_code, pointers(answer)) == (422, [f"/{member}"])


async def test_rfc9110_s13_1_1_of_patches_of_one_version_exactly_one_wins(house: House) -> None:
    admin = await program(house)
    client = await house.add_client()

    answers = await asyncio.gather(
        *(
            admin(
                "PATCH", f"/clients/{client.id}", json={"client_name": f"n{n}"}, headers={"If-Match": '"1"'}
            )
            for n in range(6)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5


@pytest.mark.parametrize(("tag", "status"), [('"1"', 204), ('"2"', 412)])
async def test_rfc9110_s13_1_1_a_deletion_honours_if_match(house: House, tag: str, status: int) -> None:
    admin = await program(house)
    client = await house.add_client()

    answer = await admin("DELETE", f"/clients/{client.id}", headers={"If-Match": tag})

    assert answer.status_code == status


@on_sqlite
@pytest.mark.parametrize("client_id", ["nobody", "%00", "%ff", "..%2Fusers", "a" * 3000, "'%3B--"])
async def test_an_unknown_client_is_404_for_every_method(house: House, client_id: str) -> None:
    admin = await program(house)

    for method, tail in ORDERS:
        answer = await admin(method, f"/clients/{client_id}{tail}", json={})

        assert answer.status_code == 404, (method, tail)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_s1_the_list_is_paged_sorted_and_filtered(house: House) -> None:
    admin = await program(house, "clients:read")
    for name, active in (("b", True), ("a", True), ("c", False)):
        await house.add_client(client_name=name, active=active)

    async def names(query: str) -> list[str]:
        answer = await admin("GET", f"/clients?{query}")
        return [client["client_name"] for client in answer.json()["items"]]

    first = (await admin("GET", "/clients?sort=client_name&limit=2")).json()
    assert [client["client_name"] for client in first["items"]] == ["a", "a client"]
    assert await names(f"sort=client_name&limit=2&cursor={first['next_cursor']}") == ["b", "c"]
    assert await names("client_name=a") == ["a"]
    assert await names("client_name=%00") == []
    assert await names("active=false") == ["c"]


async def test_s2_secrets_overlap_after_a_rotation_and_a_second_one_takes_nothing_from_the_first(
    house: House,
) -> None:
    admin = await program(house)
    made = await admin.made("/clients", **NEW)
    client_id, old = made["client_id"], made["client_secret"]
    token = (await house.token(registered(made), grant_type="client_credentials")).json()["access_token"]

    new = (await admin.made(f"/clients/{client_id}/rotate-secret"))["client_secret"]

    assert new != old
    assert [await status_of(house, client_id, secret) for secret in (old, new)] == [200, 200]
    newest = (await admin.made(f"/clients/{client_id}/rotate-secret"))["client_secret"]
    statuses = [await status_of(house, client_id, secret) for secret in (old, new, newest)]
    assert statuses == [200, 200, 200]
    assert (await introspected(house, client_id, newest, token))["active"] is True


async def test_s3_a_rotation_without_overlap_ends_the_old_secret_and_every_token(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", **NEW)
    client_id, old = made["client_id"], made["client_secret"]
    token = (await house.token(registered(made), grant_type="client_credentials")).json()["access_token"]

    new = (await admin.made(f"/clients/{client_id}/rotate-secret", overlap_seconds=0))["client_secret"]

    assert [await status_of(house, client_id, secret) for secret in (old, new)] == [401, 200]
    assert await introspected(house, client_id, new, token) == {"active": False}


@on_sqlite
@pytest.mark.parametrize("overlap", [-1, 31_536_001, "0", 1.5])
async def test_an_overlap_has_limits(house: House, overlap: object) -> None:
    admin = await program(house)
    client = await house.add_client()

    answer = await admin("POST", f"/clients/{client.id}/rotate-secret", json={"overlap_seconds": overlap})

    assert (answer.status_code, pointers(answer)) == (422, ["/overlap_seconds"])


async def test_s5_what_was_given_before_a_deactivation_stays_dead_after_reactivation(house: House) -> None:
    admin = await program(house)
    await house.add_user()
    client, observer = await house.add_client(), await house.add_client(
        resource_server=True, audiences=frozenset({ISSUER})
    )
    tokens = await house.sign_in(client)
    assert await house.is_active(observer, tokens["access_token"])

    await admin.made(f"/clients/{client.id}/deactivate")
    refused = await house.token(client, grant_type="client_credentials")
    assert not await house.is_active(observer, tokens["access_token"])
    await admin.made(f"/clients/{client.id}/activate")

    assert refused.status_code == 401
    assert not await house.is_active(observer, tokens["access_token"])
    refreshed = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert (await house.token(client, grant_type="client_credentials")).status_code == 200


async def test_s5_deletion_ends_everything(house: House) -> None:
    admin = await program(house)
    client = await house.add_client()
    observer = await house.add_client(resource_server=True, audiences=frozenset({ISSUER}))
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    assert (await admin("DELETE", f"/clients/{client.id}")).status_code == 204

    assert not await house.is_active(observer, token)
    assert (await house.token(client, grant_type="client_credentials")).status_code == 401


async def test_attack_10_a_client_that_changes_between_public_and_confidential_keeps_no_token(
    house: House,
) -> None:
    admin = await program(house)
    await house.add_user()
    client = await house.add_client(public=True, grants=["password", "refresh_token"])
    tokens = await house.sign_in(client)

    answer = await admin(
        "PATCH", f"/clients/{client.id}", json={"token_endpoint_auth_method": "client_secret_basic"}
    )
    secret = answer.json()["client_secret"]
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    unauthenticated = await house.http.post("/oauth2/token", data=form | {"client_id": client.id})
    authenticated = await house.http.post("/oauth2/token", data=form, auth=(client.id, secret))
    asked = {"token": tokens["access_token"]}
    introspected = await house.http.post("/oauth2/introspect", data=asked, auth=(client.id, secret))

    assert (answer.status_code, answer.json()["client_secret_expires_at"]) == (200, 0)
    assert answer.headers["etag"] == (await admin("GET", f"/clients/{client.id}")).headers["etag"]
    assert unauthenticated.json()["error"] == "invalid_client"
    assert authenticated.json()["error"] == "invalid_grant"
    assert introspected.json() == {"active": False}


async def test_a_client_made_public_has_no_secret_that_could_come_back(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", client_name="App", grant_types=["password"])
    path = f"/clients/{made['client_id']}"
    grants = {"grant_types": ["client_credentials"]}

    await admin("PATCH", path, json={"token_endpoint_auth_method": "none"})
    back = await admin("PATCH", path, json={"token_endpoint_auth_method": None} | grants)

    assert back.status_code == 200
    assert await status_of(house, made["client_id"], made["client_secret"]) == 401
    assert await status_of(house, made["client_id"], back.json()["client_secret"]) == 200


async def test_rfc7592_s2_2_no_other_change_brings_a_secret(house: House) -> None:
    admin = await program(house)
    confidential, public = await house.add_client(), await house.add_client(public=True, grants=["password"])

    answers = [
        await admin("PATCH", f"/clients/{confidential.id}", json={"token_endpoint_auth_method": method})
        for method in ("client_secret_basic", None)
    ]
    answers.append(await admin("PATCH", f"/clients/{public.id}", json={"client_name": "App"}))

    assert [answer.status_code for answer in answers] == [200] * 3
    assert not any("client_secret_expires_at" in answer.json() for answer in answers)


async def test_a_lost_reserved_scope_ends_the_tokens_that_had_it(house: House) -> None:
    admin = await program(house)
    made = await admin.made("/clients", **NEW | {"scope": "users:read"})
    client = registered(made)
    answer = await house.token(client, grant_type="client_credentials", scope="users:read")
    token = answer.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await house.http.get("/users", headers=headers)).status_code == 200

    await admin("PATCH", f"/clients/{client.id}", json={"scope": "read"})

    assert (await house.http.get("/users", headers=headers)).status_code == 401


def registered(made: dict[str, Any]) -> Registered:
    """The client of an answer, as the tests' server calls it."""

    class Named:
        client_id = made["client_id"]

    return Registered(Named(), made["client_secret"])  # type: ignore[arg-type]  # only its id is asked for


async def introspected(house: House, client_id: str, secret: str, token: str) -> dict[str, Any]:
    """What the client is told about a token."""
    answer = await house.http.post("/oauth2/introspect", data={"token": token}, auth=(client_id, secret))
    return dict(answer.json())
