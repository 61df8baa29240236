"""What a client may be registered with."""

from contextlib import suppress
from typing import Any

import pytest

from identity_service.domain.oauth.client_credentials import (
    acceptable_client_id,
    acceptable_secret,
    needs_slow_hash,
)
from identity_service.domain.oauth.client_metadata import Offer, accepted
from identity_service.domain.oauth.client_rules import check_together
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.value_objects.scope import Scope

OFFER = Offer(
    grants=("password", "refresh_token", "client_credentials"),
    signing_algs=("RS256", "ES256"),
    fetch_exceptions=("keys.test:8080",),
)
CLIENT: dict[str, Any] = {
    "client_name": "Shop",
    "grant_types": frozenset({"client_credentials"}),
    "response_types": (),
    "redirect_uris": (),
    "scope": Scope.parse("read"),
    "token_endpoint_auth_method": None,
    "resource_server": False,
    "audiences": frozenset(),
    "post_logout_redirect_uris": (),
    "frontchannel_logout_uri": None,
    "application_type": "web",
    "subject_type": "public",
    "sector_identifier_uri": None,
    "require_pkce": True,
    "jwks": None,
    "jwks_uri": None,
    "token_endpoint_auth_signing_alg": None,
    "request_object_signing_alg": None,
    "require_signed_request_object": False,
}
KEYS = {"keys": [{"kty": "RSA", "n": "AQAB", "x5c": ["MIIB"]}]}

GOOD = [
    ("client_name", "Café ☕", "Café ☕"),
    ("grant_types", ["password", "password"], frozenset({"password"})),
    ("redirect_uris", ["https://a.example/cb", "com.example.app:/cb"], None),
    ("redirect_uris", ["http://127.0.0.1/cb"], None),
    ("scope", "", Scope()),
    ("scope", "read users:read", Scope.parse("read users:read")),
    ("token_endpoint_auth_method", None, None),
    ("token_endpoint_auth_method", "client_secret_post", "client_secret_post"),
    ("token_endpoint_auth_method", "private_key_jwt", "private_key_jwt"),
    ("token_endpoint_auth_signing_alg", "EdDSA", "EdDSA"),
    ("token_endpoint_auth_signing_alg", None, None),
    ("request_uris", ["https://a.example/r.jwt"], ("https://a.example/r.jwt",)),
    ("request_uris", ["https://a.example/r#" + "A" * 43], ("https://a.example/r#" + "A" * 43,)),
    ("request_uris", ["http://keys.test:8080/r"], ("http://keys.test:8080/r",)),
    ("request_uris", [], ()),
    ("request_object_signing_alg", "ES256", "ES256"),
    ("request_object_signing_alg", None, None),
    ("require_signed_request_object", True, True),
    ("rate_limit_tier", "gold-2", "gold-2"),
    ("rate_limit_tier", None, None),
    ("initiate_login_uri", "https://a.example/login?a=b", "https://a.example/login?a=b"),
    ("initiate_login_uri", None, None),
    ("jwks", KEYS, KEYS),
    ("jwks", KEYS | {"beside": 1}, KEYS),
    ("jwks", None, None),
    ("jwks_uri", "https://a.example/jwks.json", "https://a.example/jwks.json"),
    ("jwks_uri", "http://keys.test:8080/jwks.json", "http://keys.test:8080/jwks.json"),
    ("client_uri", "https://a.example/about?x=1", "https://a.example/about?x=1"),
    ("logo_uri", None, None),
    ("contacts", ["ops@a.example"], ("ops@a.example",)),
    (
        "audiences",
        ["https://api.example", "urn:example:api"],
        frozenset({"https://api.example", "urn:example:api"}),
    ),
    ("access_token_ttl", 30, 30),
    ("refresh_token_ttl", 31_536_000, 31_536_000),
    ("refresh_reuse_grace", 0, 0),
    ("access_token_signed_response_alg", "ES256", "ES256"),
    ("access_token_signed_response_alg", None, None),
    ("response_types", ["code"], ("code",)),
    ("post_logout_redirect_uris", ["https://a.example/bye"], ("https://a.example/bye",)),
    ("backchannel_logout_uri", "https://b.example/back?x=y", "https://b.example/back?x=y"),
    ("backchannel_logout_uri", "http://127.0.0.1:9000/back", "http://127.0.0.1:9000/back"),
    ("backchannel_logout_uri", None, None),
    ("backchannel_logout_session_required", True, True),
    ("frontchannel_logout_uri", "https://a.example/out", "https://a.example/out"),
    ("frontchannel_logout_uri", None, None),
    ("frontchannel_logout_session_required", True, True),
    ("application_type", "native", "native"),
    ("subject_type", "pairwise", "pairwise"),
    ("sector_identifier_uri", "https://a.example/sector.json", "https://a.example/sector.json"),
    ("sector_identifier_uri", None, None),
    ("id_token_signed_response_alg", "ES256", "ES256"),
    ("id_token_signed_response_alg", None, None),
    ("userinfo_signed_response_alg", "RS256", "RS256"),
    ("userinfo_signed_response_alg", None, None),
    ("default_max_age", 0, 0),
    ("default_max_age", 31_536_000, 31_536_000),
    ("default_max_age", None, None),
    ("require_auth_time", True, True),
    ("default_acr_values", ["urn:mace:incommon:iap:silver", "1"], ("urn:mace:incommon:iap:silver", "1")),
    ("first_party", True, True),
    ("require_pkce", False, False),
]
BAD = [
    ("client_name", "", "client_name"),
    ("client_name", " \t", "client_name"),
    ("client_name", "x" * 201, "client_name"),
    ("client_name", "a\0b", "client_name"),
    ("client_name", "a\r\nSet-Cookie: x", "client_name"),
    ("client_name", "a\u202egnp", "client_name"),
    ("client_name", None, "client_name"),
    ("grant_types", ["password", "implicit"], "grant_types/1"),
    ("grant_types", None, "grant_types"),
    ("redirect_uris", ["https://a.example/cb", "javascript:alert(1)"], "redirect_uris/1"),
    ("redirect_uris", ["https://a.example/cb"] * 2 + ["javascript:alert(1)"], "redirect_uris/2"),
    ("redirect_uris", ["http://a.example/cb"], "redirect_uris/0"),
    ("redirect_uris", ["https://a.example/cb#"], "redirect_uris/0"),
    ("redirect_uris", [f"https://a.example/{n}" for n in range(51)], "redirect_uris"),
    ("scope", "a  b", "scope"),
    ("scope", 'a"b', "scope"),
    ("scope", "a " * 1001, "scope"),
    ("scope", None, "scope"),
    ("token_endpoint_auth_method", "client_secret_jwt", "token_endpoint_auth_method"),
    ("token_endpoint_auth_signing_alg", "HS256", "token_endpoint_auth_signing_alg"),
    ("token_endpoint_auth_signing_alg", "none", "token_endpoint_auth_signing_alg"),
    ("request_uris", ["https://a.example/r", "http://a.example/r"], "request_uris/1"),
    ("request_uris", ["https://a.example/r#"], "request_uris/0"),
    ("request_uris", ["https://a.example/r#" + "A" * 44], "request_uris/0"),
    ("request_uris", ["https://a.example/" + "r" * 500], "request_uris/0"),
    ("request_uris", ["urn:ietf:params:oauth:request_uri:x"], "request_uris/0"),
    ("request_uris", None, "request_uris"),
    ("request_object_signing_alg", "none", "request_object_signing_alg"),
    ("request_object_signing_alg", "HS256", "request_object_signing_alg"),
    ("require_signed_request_object", None, "require_signed_request_object"),
    ("rate_limit_tier", "", "rate_limit_tier"),
    ("rate_limit_tier", "gold tier", "rate_limit_tier"),
    ("rate_limit_tier", "g" * 33, "rate_limit_tier"),
    ("rate_limit_tier", "größe", "rate_limit_tier"),
    ("initiate_login_uri", "http://a.example/login", "initiate_login_uri"),
    ("initiate_login_uri", "http://127.0.0.1/login", "initiate_login_uri"),
    ("initiate_login_uri", "javascript:alert(1)", "initiate_login_uri"),
    ("initiate_login_uri", "https://a.example/login#x", "initiate_login_uri"),
    ("initiate_login_uri", "https://a.example/login?iss=x", "initiate_login_uri"),
    ("initiate_login_uri", "https://a.example/login?a=b&target_link_uri=", "initiate_login_uri"),
    ("jwks", {}, "jwks"),
    ("jwks", {"keys": "x"}, "jwks"),
    ("jwks", {"keys": ["x"]}, "jwks"),
    ("jwks", {"keys": [{"kty": {"deep": 1}}]}, "jwks"),
    ("jwks", {"keys": [{"kid": "a\0"}]}, "jwks"),
    ("jwks", {"keys": [{"kid": "\ud800"}]}, "jwks"),
    ("jwks", {"keys": [{"kid": "x" * 16_384}]}, "jwks"),
    ("jwks", ["keys"], "jwks"),
    ("jwks_uri", "http://keys.test/jwks.json", "jwks_uri"),
    ("jwks_uri", "http://keys.test:80801/jwks.json", "jwks_uri"),
    ("jwks_uri", "http://keys.test:8080@a.example/jwks.json", "jwks_uri"),
    ("jwks_uri", "javascript:alert(1)", "jwks_uri"),
    ("token_endpoint_auth_method", "NONE", "token_endpoint_auth_method"),
    ("client_uri", "javascript:alert(1)", "client_uri"),
    ("logo_uri", "http://a.example/logo.png", "logo_uri"),
    ("logo_uri", "http://127.0.0.1/logo.png", "logo_uri"),
    ("tos_uri", "data:text/html,x", "tos_uri"),
    ("policy_uri", "https://a.example/\0", "policy_uri"),
    ("contacts", ["ok@a.example", "a\0b"], "contacts/1"),
    ("software_id", "x" * 201, "software_id"),
    ("audiences", ["api"], "audiences/0"),
    ("audiences", ["https://api.example#x"], "audiences/0"),
    ("audiences", ["https://api.example/ x"], "audiences/0"),
    ("access_token_ttl", 29, "access_token_ttl"),
    ("access_token_ttl", 86_401, "access_token_ttl"),
    ("refresh_token_ttl", -1, "refresh_token_ttl"),
    ("refresh_reuse_grace", 301, "refresh_reuse_grace"),
    ("access_token_signed_response_alg", "EdDSA", "access_token_signed_response_alg"),
    ("access_token_signed_response_alg", "none", "access_token_signed_response_alg"),
    ("access_token_signed_response_alg", "HS256", "access_token_signed_response_alg"),
    ("access_token_signed_response_alg", "es256", "access_token_signed_response_alg"),
    ("response_types", ["token"], "response_types/0"),
    (
        "post_logout_redirect_uris",
        ["https://a.example", "javascript:alert(1)"],
        "post_logout_redirect_uris/1",
    ),
    ("post_logout_redirect_uris", ["http://a.example/bye"], "post_logout_redirect_uris/0"),
    ("redirect_uris", ["https://a.example/cb?session_state=x"], "redirect_uris/0"),
    ("backchannel_logout_uri", "http://a.example/back", "backchannel_logout_uri"),
    ("backchannel_logout_uri", "com.example.app:/back", "backchannel_logout_uri"),
    ("backchannel_logout_uri", "https://a.example/back#x", "backchannel_logout_uri"),
    ("backchannel_logout_session_required", None, "backchannel_logout_session_required"),
    ("frontchannel_logout_uri", "https://a.example/out?iss=x", "frontchannel_logout_uri"),
    ("frontchannel_logout_uri", "https://a.example/out?a=b&sid=", "frontchannel_logout_uri"),
    ("frontchannel_logout_uri", "javascript:alert(1)", "frontchannel_logout_uri"),
    ("post_logout_redirect_uris", None, "post_logout_redirect_uris"),
    ("application_type", "desktop", "application_type"),
    ("application_type", None, "application_type"),
    ("subject_type", "Pairwise", "subject_type"),
    ("subject_type", None, "subject_type"),
    ("sector_identifier_uri", "http://a.example/sector.json", "sector_identifier_uri"),
    ("sector_identifier_uri", "http://127.0.0.1/sector.json", "sector_identifier_uri"),
    ("sector_identifier_uri", "a.example", "sector_identifier_uri"),
    ("id_token_signed_response_alg", "none", "id_token_signed_response_alg"),
    ("id_token_signed_response_alg", "EdDSA", "id_token_signed_response_alg"),
    ("id_token_signed_response_alg", "HS256", "id_token_signed_response_alg"),
    ("userinfo_signed_response_alg", "none", "userinfo_signed_response_alg"),
    ("default_max_age", -1, "default_max_age"),
    ("default_max_age", 31_536_001, "default_max_age"),
    ("require_auth_time", None, "require_auth_time"),
    ("default_acr_values", ["1", "with space"], "default_acr_values/1"),
    ("default_acr_values", [""], "default_acr_values/0"),
    ("default_acr_values", ["x" * 201], "default_acr_values/0"),
    ("first_party", None, "first_party"),
    ("require_pkce", None, "require_pkce"),
]


@pytest.mark.parametrize(("member", "value", "kept"), GOOD)
def test_rfc7591_s2_a_member_is_kept_as_it_is_meant(member: str, value: Any, kept: Any) -> None:
    expected = tuple(value) if member == "redirect_uris" else kept

    assert accepted({member: value}, offer=OFFER) == {member: expected}


@pytest.mark.parametrize(("member", "value", "at"), BAD)
def test_rfc7591_s3_2_2_a_bad_member_is_refused_by_name(member: str, value: Any, at: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        accepted({member: value}, offer=OFFER)

    assert [fault.member for fault in refused.value.faults] == [at]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Unacceptable) as refused:
        accepted({"client_name": "", "scope": "a  b", "grant_types": ["x", "y"]}, offer=OFFER)

    assert {fault.member for fault in refused.value.faults} == {
        "client_name",
        "scope",
        "grant_types/0",
        "grant_types/1",
    }


def test_attack_25_a_refusal_never_quotes_what_was_sent() -> None:
    with pytest.raises(Unacceptable) as refused:
        accepted(
            {member: "s3cr3t<script>" for member in ("scope", "client_uri", "token_endpoint_auth_method")}
            | {"redirect_uris": ["s3cr3t<script>"], "grant_types": ["s3cr3t<script>"]}
            | {"audiences": ["s3cr3t<script>"]},
            offer=OFFER,
        )

    assert "s3cr3t" not in str(refused.value)


TOGETHER = [
    ({"token_endpoint_auth_method": "none"}, "grant_types"),
    (
        {"token_endpoint_auth_method": "none", "grant_types": frozenset(), "resource_server": True},
        "resource_server",
    ),
    ({"audiences": frozenset({"https://api.example"})}, "audiences"),
    ({"response_types": ("code",)}, "response_types"),
    ({"redirect_uris": ("https://a.example/cb", "com.example.app:/cb")}, "redirect_uris"),
    ({"post_logout_redirect_uris": ("com.example.app:/bye",)}, "post_logout_redirect_uris"),
    ({"token_endpoint_auth_method": "none", "grant_types": (), "require_pkce": False}, "require_pkce"),
    ({"jwks": KEYS, "jwks_uri": "https://a.example/jwks.json"}, "jwks"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method"),
    ({"token_endpoint_auth_signing_alg": "ES256"}, "token_endpoint_auth_signing_alg"),
    ({"require_signed_request_object": True}, "require_signed_request_object"),
]


@pytest.mark.parametrize(("members", "at"), TOGETHER)
def test_members_that_do_not_go_together_are_refused(members: dict[str, Any], at: str) -> None:
    check_together(CLIENT)
    with pytest.raises(Unacceptable) as refused:
        check_together(CLIENT | members)

    assert [fault.member for fault in refused.value.faults] == [at]


@pytest.mark.parametrize("keys", [{"jwks": KEYS}, {"jwks_uri": "https://a.example/jwks.json"}])
def test_oidc_core_s9_a_client_that_signs_has_one_place_for_its_keys(keys: dict[str, Any]) -> None:
    signs = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256"}
    check_together(CLIENT | signs | keys)
    check_together(CLIENT | {"require_signed_request_object": True} | keys)


def test_rfc9700_s2_1_1_a_confidential_client_may_go_without_pkce() -> None:
    check_together(CLIENT | {"require_pkce": False})


@pytest.mark.parametrize("member", ["redirect_uris", "post_logout_redirect_uris"])
@pytest.mark.parametrize(
    ("uri", "application_types"),
    [
        pytest.param(
            "https://a.example/cb", {"web", "native"}, id="https, which a system may hand to an app"
        ),
        pytest.param("http://127.0.0.1:4711/cb", {"web", "native"}, id="http on a loopback address"),
        pytest.param("http://localhost/cb", {"web", "native"}, id="http on localhost, for development"),
        pytest.param("com.example.app:/cb", {"native"}, id="a private-use scheme, for apps alone"),
    ],
)
def test_oidc_registration_s2_the_application_type_says_where_people_may_come_back_to(
    member: str, uri: str, application_types: set[str]
) -> None:
    taken = set()
    for application_type in ("web", "native"):
        with suppress(Unacceptable):
            check_together(CLIENT | {member: (uri,), "application_type": application_type})
            taken.add(application_type)

    assert taken == application_types


A, B = "https://a.example/cb", "https://b.example/cb"
SECTOR = "https://sector.example/uris.json"


@pytest.mark.parametrize(
    ("redirect_uris", "sector_identifier_uri", "good"),
    [
        pytest.param(
            (A, "https://A.example:8443/other"), None, True, id="one host needs no sector identifier"
        ),
        pytest.param((A, B), None, False, id="two hosts need one"),
        pytest.param((A, B), SECTOR, True, id="two hosts have one"),
        pytest.param((), None, False, id="no redirect URI needs one"),
        pytest.param((), SECTOR, True, id="no redirect URI has one"),
        pytest.param(("http://127.0.0.1/cb",), None, False, id="loopback is everybody's host"),
        pytest.param((A, "http://localhost/cb"), None, False, id="loopback beside a host of its own"),
        pytest.param(("com.example.app:/cb",), None, False, id="a private-use scheme has no host"),
        pytest.param(
            ("com.example.app://a.example/cb",), None, False, id="nor what stands where a host would"
        ),
        pytest.param(
            (A,), "https://localhost/uris.json", False, id="a sector identifier on everybody's host"
        ),
    ],
)
def test_oidc_core_s8_1_a_pairwise_client_has_one_sector(
    redirect_uris: tuple[str, ...], sector_identifier_uri: str | None, good: bool
) -> None:
    client = CLIENT | {
        "application_type": "native",
        "redirect_uris": redirect_uris,
        "sector_identifier_uri": sector_identifier_uri,
    }
    check_together(client)
    faults: list[str] = []
    try:
        check_together(client | {"subject_type": "pairwise"})
    except Unacceptable as refused:
        faults = [fault.member for fault in refused.faults]

    assert faults == ([] if good else ["sector_identifier_uri"])


@pytest.mark.parametrize("client_id", ["shop", "S6BhdRkqt3", "1.apps.example~x_y-z", "a" * 128])
def test_an_id_that_reads_the_same_everywhere_may_be_brought_along(client_id: str) -> None:
    assert acceptable_client_id(client_id) == client_id


@pytest.mark.parametrize(
    "client_id", ["", ".", "..", "-x", "a b", "a/b", "a:b", "ä", "a\0", "a" * 129, "cli", "me"]
)
def test_other_ids_are_refused(client_id: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        acceptable_client_id(client_id)

    assert refused.value.faults[0].member == "client_id"


@pytest.mark.parametrize("secret", ["x", "with space", "~" * 1024])
def test_rfc6749_a_2_a_secret_of_visible_characters_may_be_brought_along(secret: str) -> None:
    assert acceptable_secret(secret) == secret


@pytest.mark.parametrize("secret", ["", "ä", "a\n", "a\0", "a" * 1025])
def test_rfc6749_a_2_other_secrets_are_refused(secret: str) -> None:
    with pytest.raises(Unacceptable):
        acceptable_secret(secret)


def test_a_secret_of_31_characters_may_be_weak_and_one_of_32_is_not() -> None:
    assert [needs_slow_hash("x" * 31), needs_slow_hash("x" * 32)] == [True, False]
