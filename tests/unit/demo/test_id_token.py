"""The demo believes an ID token of its provider, for itself, for this sign-in, and no other (OIDC Core §3.1.3.7)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from identity_service.demo.id_token import (
    UnknownKey,
    check_access_token,
    check_claims,
    check_same_person,
    signature_checked,
)
from identity_service.demo.party import Party
from identity_service.demo.problem import Problem

NOW = 1_800_000_000
PARTY = Party(issuer="https://id.example", client_id="me", url="http://127.0.0.1:8001")
GOOD: dict[str, Any] = {
    "iss": "https://id.example",
    "sub": "alice",
    "aud": "me",
    "exp": NOW + 600,
    "iat": NOW,
    "nonce": "n",
}
ABSENT = object()


@cache
def key(kid: str = "one") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)


def signed(claims: Mapping[str, Any], with_key: Any = None, **header: Any) -> str:
    used = with_key or key()
    return jwt.encode(
        {"alg": "RS256", "kid": used.kid} | header, dict(claims), used, algorithms=["RS256", "HS256"]
    )


def keys() -> KeySet:
    return KeySet([RSAKey.import_key(key().as_dict(private=False))])


def test_a_good_one_is_believed() -> None:
    token = signature_checked(signed(GOOD), keys(), ["RS256"])

    check_claims(token.claims, PARTY, now=NOW, nonce="n")

    assert token.claims["sub"] == "alice"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "https://evil.example"),
        ("iss", ABSENT),
        ("aud", "somebody else"),
        ("aud", ["somebody", "else"]),
        ("aud", ["me", "somebody else"]),
        ("aud", ABSENT),
        ("azp", "somebody else"),
        ("exp", NOW - 61),
        ("exp", "tomorrow"),
        ("exp", ABSENT),
        ("iat", NOW + 61),
        ("iat", ABSENT),
        ("sub", ABSENT),
        ("sub", 7),
        ("nonce", "of another sign-in"),
        ("nonce", ABSENT),
    ],
)
def test_s3_1_3_7_one_with_another_claim_is_not(claim: str, value: Any) -> None:
    claims = {name: value for name, value in (GOOD | {claim: value}).items() if value is not ABSENT}

    with pytest.raises(Problem) as refused:
        check_claims(claims, PARTY, now=NOW, nonce="n")

    assert refused.value.error == "invalid_id_token"


@pytest.mark.parametrize(
    "claims", [{"aud": ["me"]}, {"aud": ["me", "api"], "azp": "me"}, {"exp": NOW - 59}, {"iat": NOW + 59}]
)
def test_s3_1_3_7_what_differs_and_may_is_believed(claims: dict[str, Any]) -> None:
    check_claims(GOOD | claims, PARTY, now=NOW, nonce="n")


def test_attack_15_an_algorithm_that_shares_the_key_is_refused_even_if_it_is_offered() -> None:
    secret = OctKey.import_key(b"0" * 32, {"kid": "one"})
    forged = signed(GOOD, secret, alg="HS256")

    for offered in (["RS256"], ["HS256", "RS256", "none"]):
        with pytest.raises(Problem):
            signature_checked(forged, keys(), offered)


@pytest.mark.parametrize(
    "forge",
    [
        lambda good: good[: good.rindex(".") + 1],
        lambda good: "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
        lambda good: good.replace(good.split(".")[1], signed(GOOD | {"sub": "eve"}).split(".")[1]),
        lambda good: "not.a.token",
        lambda good: "",
    ],
    ids=["no signature", "alg none", "another payload", "no token", "nothing"],
)
def test_attack_18_what_nobody_signed_is_refused(forge: Any) -> None:
    with pytest.raises(Problem):
        signature_checked(forge(signed(GOOD)), keys(), ["RS256"])


def test_an_algorithm_that_the_provider_does_not_offer_is_refused() -> None:
    with pytest.raises(Problem):
        signature_checked(signed(GOOD), keys(), ["ES256"])


def test_a_key_that_is_not_there_is_told_apart_for_keys_are_rotated() -> None:
    with pytest.raises(UnknownKey):
        signature_checked(signed(GOOD, key("two")), keys(), ["RS256"])


def test_s3_1_3_8_the_access_token_that_came_along_is_the_one_that_is_meant() -> None:
    half = create_half_hash("the access token", "RS256").decode()
    token = signature_checked(signed(GOOD | {"at_hash": half}), keys(), ["RS256"])

    check_access_token(token, "the access token")

    with pytest.raises(Problem, match="invalid_id_token"):
        check_access_token(token, "another access token")
    check_access_token(signature_checked(signed(GOOD), keys(), ["RS256"]), "whatever: nothing is said of it")


@pytest.mark.parametrize("claim", ["sub", "aud", "auth_time"])
def test_s12_2_a_refresh_is_about_the_same_person(claim: str) -> None:
    before = GOOD | {"auth_time": NOW}
    renewed = {name: value for name, value in before.items() if name != "nonce"} | {"exp": NOW + 1200}

    check_same_person(renewed, before)

    with pytest.raises(Problem):
        check_same_person(renewed | {claim: "another"}, before)
