"""What OpenID Connect registers about clients, over /clients."""

from typing import Any

import pytest

from tests.api_caller import on_sqlite, pointers, program
from tests.house import House

NEW: dict[str, Any] = {"client_name": "Shop", "grant_types": ["client_credentials"]}
DEFAULTS: dict[str, Any] = {
    "post_logout_redirect_uris": [],
    "backchannel_logout_uri": None,
    "backchannel_logout_session_required": False,
    "frontchannel_logout_uri": None,
    "frontchannel_logout_session_required": False,
    "application_type": "web",
    "subject_type": "public",
    "sector_identifier_uri": None,
    "id_token_signed_response_alg": None,
    "userinfo_signed_response_alg": None,
    "default_max_age": None,
    "require_auth_time": False,
    "default_acr_values": [],
    "first_party": False,
    "require_pkce": True,
    "request_uris": [],
    "request_object_signing_alg": None,
    "require_signed_request_object": False,
    "rate_limit_tier": None,
    "initiate_login_uri": None,
}
CHOSEN: dict[str, Any] = {
    "post_logout_redirect_uris": ["https://shop.example/bye", "com.example.shop:/bye"],
    "backchannel_logout_uri": "https://shop.example/back",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": None,
    "frontchannel_logout_session_required": True,
    "application_type": "native",
    "subject_type": "pairwise",
    "sector_identifier_uri": "https://shop.example/sector.json",
    "id_token_signed_response_alg": "RS256",
    "userinfo_signed_response_alg": "RS256",
    "default_max_age": 3600,
    "require_auth_time": True,
    "default_acr_values": ["urn:example:strong", "urn:example:weak"],
    "first_party": True,
    "require_pkce": False,
    "request_uris": ["https://shop.example/r.jwt#" + "A" * 43, "https://shop.example/s.jwt"],
    "request_object_signing_alg": "ES256",
    "require_signed_request_object": False,
    "rate_limit_tier": "gold",
    "initiate_login_uri": "https://shop.example/login?tenant=7",
}


def of(client: dict[str, Any]) -> dict[str, Any]:
    """The members this is about."""
    return {member: client[member] for member in DEFAULTS}


async def test_oidc_registration_s2_what_is_not_said_is_as_the_specification_takes_it(house: House) -> None:
    admin = await program(house)

    made = await admin.made("/clients", **NEW)

    assert of(made) == DEFAULTS


@on_sqlite
@pytest.mark.parametrize(
    ("grants", "types"),
    [
        pytest.param(["authorization_code"], ["code"], id="a client of the code flow"),
        pytest.param(["client_credentials"], [], id="a client without it"),
    ],
)
async def test_rfc7591_s2_the_response_type_goes_with_the_grant(
    house: House, grants: list[str], types: list[str]
) -> None:
    admin = await program(house)

    made = await admin.made(
        "/clients", client_name="Shop", grant_types=grants, redirect_uris=["https://shop.example/cb"]
    )

    assert made["response_types"] == types


async def test_oidc_registration_s2_what_is_said_is_kept_and_shown(house: House) -> None:
    admin = await program(house)

    made = await admin.made("/clients", **NEW, **CHOSEN)
    shown = (await admin("GET", f"/clients/{made['client_id']}")).json()

    assert of(made) == of(shown) == CHOSEN


async def test_rfc7396_a_patch_sets_all_of_it_and_takes_all_of_it_away(house: House) -> None:
    admin = await program(house)
    path = f"/clients/{(await admin.made('/clients', **NEW))['client_id']}"

    changed = await admin("PATCH", path, json=CHOSEN, headers={"If-Match": '"1"'})
    lost = await admin("PATCH", path, json={"default_max_age": 1}, headers={"If-Match": '"1"'})
    again = await admin("PATCH", path, json=DEFAULTS, headers={"If-Match": '"2"'})

    assert [changed.status_code, lost.status_code, again.status_code] == [200, 412, 200]
    assert (of(changed.json()), of(again.json())) == (CHOSEN, DEFAULTS)
    assert again.headers["etag"] == '"3"'


async def test_s3_no_such_change_ends_a_token(house: House) -> None:
    admin = await program(house)
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    changed = await admin("PATCH", f"/clients/{client.id}", json=CHOSEN)

    assert changed.status_code == 200
    assert await house.is_active(client, token)


@on_sqlite
@pytest.mark.parametrize(
    ("before", "patch", "at"),
    [
        pytest.param(
            {"application_type": "native", "redirect_uris": ("com.example.shop:/cb",)},
            {"application_type": "web"},
            "/redirect_uris",
            id="an app with a private-use scheme becomes no web client",
        ),
        pytest.param(
            {"subject_type": "pairwise", "redirect_uris": ("https://a.example/cb",)},
            {"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]},
            "/sector_identifier_uri",
            id="a second host needs a sector identifier",
        ),
        pytest.param(
            {"subject_type": "pairwise", "sector_identifier_uri": "https://a.example"},
            {"sector_identifier_uri": None},
            "/sector_identifier_uri",
            id="a sector identifier that is needed stays",
        ),
        pytest.param(
            {"require_pkce": False, "grant_types": frozenset({"password"})},
            {"token_endpoint_auth_method": "none"},
            "/require_pkce",
            id="a client without PKCE does not become public",
        ),
    ],
)
async def test_what_does_not_go_together_does_not_come_about_by_a_change_either(
    house: House, before: dict[str, Any], patch: dict[str, Any], at: str
) -> None:
    admin = await program(house)
    client = await house.add_client(**before)

    refused = await admin("PATCH", f"/clients/{client.id}", json=patch)
    renamed = await admin("PATCH", f"/clients/{client.id}", json={"client_name": "Store"})

    assert (refused.status_code, pointers(refused)) == (422, [at])
    assert renamed.status_code == 200


@on_sqlite
async def test_attack_33_those_who_write_clients_mark_none_as_first_party(house: House) -> None:
    writer, admin = await program(house, "clients:write"), await program(house)
    client = await house.add_client()
    path, marked = f"/clients/{client.id}", {"first_party": True}

    refused = [
        await writer("POST", "/clients", json=NEW | marked),
        await writer("PATCH", path, json=marked),
    ]
    unmarked = [
        await writer("POST", "/clients", json=NEW | {"first_party": False}),
        await writer("PATCH", path, json={"first_party": False}),
    ]

    assert [answer.status_code for answer in refused] == [403, 403]
    assert [answer.status_code for answer in unmarked] == [201, 200]
    assert (await admin("PATCH", path, json=marked)).json()["first_party"] is True


@on_sqlite
@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("PATCH", "", {"redirect_uris": ["https://evil.example/cb"]}),
        ("PATCH", "", {"first_party": False}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/deactivate", {}),
    ],
)
async def test_attack_33_those_who_write_clients_do_not_touch_a_first_party(
    house: House, method: str, tail: str, body: dict[str, Any] | None
) -> None:
    writer = await program(house, "clients:write")
    first, other = await house.add_client(first_party=True), await house.add_client()

    refused = await writer(method, f"/clients/{first.id}{tail}", json=body)
    done = await writer(method, f"/clients/{other.id}{tail}", json=body)

    assert refused.status_code == 403
    assert 'scope="admin"' in refused.headers["www-authenticate"]
    assert done.status_code in (200, 204)
