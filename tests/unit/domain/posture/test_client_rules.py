"""Each rule about a client finds what it is for, and nothing in a strong client."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from identity_service.domain.entities.client import Client
from identity_service.domain.posture.clauses import Profile
from identity_service.domain.posture.judging import examined
from identity_service.domain.posture.register import CLIENT_MEMBERS_NOT_JUDGED, CLIENT_RULES, judged
from identity_service.domain.posture.seen import SeenClient
from identity_service.domain.value_objects.scope import Scope
from tests.unit.domain.posture.safe import NOW, VALUES, Watched, secret, seen

RULES = {rule.name: rule for rule in CLIENT_RULES}
PUBLIC = {"token_endpoint_auth_method": "none", "jwks_uri": None}
BASIC = {"token_endpoint_auth_method": "client_secret_basic", "jwks_uri": None, "secrets": (secret(),)}
SHORT_KEY = {"keys": [{"kty": "RSA", "n": "A" * 170 + "E", "e": "AQAB"}, {"kty": "RSA", "n": "%%%"}, {}]}
ADMIN = {"scope": Scope.parse("openid users:write")}
WEAK: dict[str, list[dict[str, Any]]] = {
    "password-grant": [{"grant_types": frozenset({"password"})}],
    "tokens-from-the-authorization-endpoint": [{"response_types": ("code", "token")}],
    "code-without-pkce": [{"require_pkce": False}],
    "acts-for-itself-and-for-people": [
        {"grant_types": frozenset({"authorization_code", "client_credentials"})}
    ],
    "grant-without-use": [{"grant_types": frozenset({"client_credentials", "refresh_token"})}],
    "redirect-in-the-clear": [
        {"redirect_uris": ("http://app.example/cb",)},
        {"post_logout_redirect_uris": ("HTTP://app.example/bye",)},
    ],
    "redirect-to-localhost": [
        {"redirect_uris": ("http://localhost:8080/cb",)},
        {"post_logout_redirect_uris": ("http://localhost/",)},
    ],
    "web-client-on-loopback": [{"redirect_uris": ("http://[::1]/cb",)}],
    "private-use-scheme": [{"redirect_uris": ("com.example.app:/cb",)}],
    "star-in-a-redirect": [{"redirect_uris": ("https://app.example/*",)}],
    "public-client": [PUBLIC],
    "shared-secret": [BASIC],
    "method-not-named": [{**BASIC, "token_endpoint_auth_method": None}],
    "weak-secret": [{**BASIC, "secrets": (secret(scheme="password"),)}],
    "old-secret": [{**BASIC, "secrets": (secret(created_at=NOW - timedelta(days=366)),)}],
    "several-secrets": [{**BASIC, "secrets": (secret(), secret(expires_at=NOW + timedelta(days=1)))}],
    "secret-in-an-app": [{**BASIC, "application_type": "native"}],
    "weak-client-key": [{"jwks": SHORT_KEY}],
    "asked-in-the-clear": [
        {"jwks_uri": "http://keys.internal:8443/keys"},
        {"backchannel_logout_uri": "http://app.internal:80/out"},
        {"request_uris": ("http://app.internal:80/request#" + "a" * 43,)},
    ],
    "assertions-with-any-algorithm": [
        {"token_endpoint_auth_signing_alg": None},
        {"token_endpoint_auth_signing_alg": "RS256"},
    ],
    "requests-with-any-algorithm": [{"require_signed_request_object": True}],
    "client-with-long-access-tokens": [{"access_token_ttl": 3601}],
    "client-with-long-refresh-tokens": [{"refresh_token_ttl": 90 * 86_400 + 1}],
    "client-with-long-grace": [{"refresh_reuse_grace": 61}],
    "public-refresh-with-grace": [PUBLIC],
    "client-without-retry": [{"refresh_reuse_grace": 0}],
    "signed-with-rs256": [
        {"access_token_signed_response_alg": "RS256"},
        {"id_token_signed_response_alg": "RS256"},
        {"userinfo_signed_response_alg": "RS256"},
    ],
    "administers": [ADMIN, {"scope": Scope.parse("admin")}],
    "administers-with-a-weak-secret": [{**BASIC, **ADMIN, "secrets": (secret(scheme="password"),)}],
    "introspects-for-many": [{"resource_server": True, "audiences": frozenset("abcd")}],
    "asks-and-introspects": [{"resource_server": True}],
    "nobody-asked-for-a-public-client": [{**PUBLIC, "first_party": True}],
    "registered-itself": [{"registered_by": "open"}],
    "hears-of-no-logout": [{"backchannel_logout_uri": None}],
}
FINE: dict[str, dict[str, Any]] = {
    "told-by-a-frame": {"backchannel_logout_uri": None, "frontchannel_logout_uri": "https://app.example/out"},
    "signs-nobody-in": {"backchannel_logout_uri": None, "scope": Scope.parse("read")},
    "its-own-program": {
        "grant_types": frozenset({"client_credentials"}),
        "response_types": (),
        "redirect_uris": (),
        "require_pkce": False,
        "backchannel_logout_uri": None,
        "id_token_signed_response_alg": "RS256",
    },
    "native-on-loopback": {"application_type": "native", "redirect_uris": ("http://127.0.0.1/cb",)},
    "resource-server": {
        "resource_server": True,
        "audiences": frozenset("abc"),
        "grant_types": frozenset({"client_credentials"}),
        "backchannel_logout_uri": None,
    },
    "strong-key": {"jwks": {"keys": [{"kty": "RSA", "n": "7" + "A" * 341}]}, "jwks_uri": None},
    "a-secret-that-is-not-used": {"secrets": (secret(scheme="password"),)},
}
MILD = {"shared-secret"}
MILDLY: dict[str, dict[str, Any]] = {
    "a-secret-that-ends": {
        **BASIC,
        "secrets": (secret(created_at=NOW - timedelta(days=999), expires_at=NOW + timedelta(1)),),
    },
    "a-weak-secret-that-ended": {**BASIC, "secrets": (secret(), secret(scheme="password", expires_at=NOW))},
    "an-app-that-registered-itself": {**BASIC, "application_type": "native", "registered_by": "token-1"},
}
CASES = [
    pytest.param(name, change, id=f"{name}-{number}")
    for name, changes in WEAK.items()
    for number, change in enumerate(changes)
]


def found(thing: SeenClient) -> set[str]:
    return {rule.name for rule in CLIENT_RULES if rule.judge(thing) is not None}


def test_every_rule_has_its_case() -> None:
    assert list(WEAK) == list(RULES)


@pytest.mark.parametrize("change", [{}, *FINE.values()], ids=["strong", *FINE])
def test_a_strong_client_has_no_finding(change: dict[str, Any]) -> None:
    assert found(seen(**change)) == set()


@pytest.mark.parametrize("change", MILDLY.values(), ids=MILDLY.keys())
def test_a_secret_that_is_no_danger_is_not_one(change: dict[str, Any]) -> None:
    assert found(seen(**change)) == MILD


@pytest.mark.parametrize(("name", "change"), CASES)
def test_a_weak_client_is_found(name: str, change: dict[str, Any]) -> None:
    assert name in found(seen(**change))


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("client-without-retry", "refresh_reuse_grace_seconds", 0),
        ("signed-with-rs256", "signing_algorithm", "RS256"),
    ],
)
def test_what_a_client_leaves_open_the_server_decides(name: str, setting: str, value: Any) -> None:
    assert name in found(seen(values={**VALUES, setting: value}))


def test_a_rule_reads_what_it_says() -> None:
    for name, rule in RULES.items():
        asked: set[str] = set()
        for change in [{}, *WEAK[name]]:
            thing = seen(**change)
            watched = Watched(thing.client)
            rule.judge(replace(thing, client=watched))  # type: ignore[arg-type]  # notes what is asked of it
            asked |= watched.asked
        assert asked == set(rule.reads), name


def test_every_member_is_judged_or_has_a_reason_not_to_be() -> None:
    by_rule, by_reason = judged(CLIENT_RULES), set(CLIENT_MEMBERS_NOT_JUDGED)
    assert by_rule | by_reason == {field.name for field in fields(Client)}, "a new member has to decide"
    assert not by_rule & by_reason
    assert all(CLIENT_MEMBERS_NOT_JUDGED.values())


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"backchannel_logout_uri": None}, True),
        (BASIC, False),
        (PUBLIC, False),
        ({"require_pkce": False}, False),
        ({"grant_types": frozenset({"password"})}, False),
        ({"redirect_uris": ("http://127.0.0.1/cb",)}, False),
        ({"access_token_signed_response_alg": "RS256"}, False),
    ],
    ids=["strong", "asvs-only", "secret", "public", "no-pkce", "password", "loopback", "rs256"],
)
def test_fapi2_which_clients_could_be_used_with_it(change: dict[str, Any], fits: bool) -> None:
    thing = examined(CLIENT_RULES, seen(**change), kind="client", subject="id", label="name")
    assert thing.fits_fapi2 is fits
    assert all(each.rule.counts_for(None) for each in thing.findings)
    assert fits or any(each.rule.counts_for(Profile.FAPI2) for each in thing.findings)
