"""OIDC Core §2, §3.1.3.6: what an ID token says, and which one hints at a person."""

from typing import Any

import pytest

from identity_service.domain.oauth.errors import InvalidRequest
from identity_service.domain.oauth.id_token import IdToken, half_hash, hinted_subject, to_claims

HALF_HASHES = {
    "at_hash of appendix A.3 and A.6": (
        "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        "77QmUPtjPfzWtF2AnpK9RQ",
    ),
    "c_hash of appendix A.4 and A.6": (
        "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk",
        "LDktKdoQak3Pk0cnXxCltA",
    ),
}
OPTIONAL = ("acr", "nonce", "sid")
PROTOCOL = ("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "amr", "at_hash", *OPTIONAL)
TOKEN = IdToken(
    iss="https://id",
    sub="alice",
    client_id="a client",
    iat=1000,
    exp=1900,
    auth_time=900,
    amr=("pwd",),
    acr="level",
    nonce="n",
    sid="a session",
)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
@pytest.mark.parametrize(("text", "half"), HALF_HASHES.values(), ids=HALF_HASHES)
def test_s3_1_3_6_the_examples_of_the_specification(text: str, half: str, alg: str) -> None:
    assert half_hash(text, alg=alg) == half


def test_s3_1_3_6_with_eddsa_the_hash_is_that_of_ed25519() -> None:
    assert half_hash("abc", alg="EdDSA") == "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o"


def test_s2_the_claims() -> None:
    assert to_claims(TOKEN, access_token="abc", alg="RS256") == {
        "iss": "https://id",
        "sub": "alice",
        "aud": "a client",
        "azp": "a client",
        "exp": 1900,
        "iat": 1000,
        "auth_time": 900,
        "amr": ["pwd"],
        "acr": "level",
        "nonce": "n",
        "sid": "a session",
        "at_hash": "ungWv48Bz-pBQUDeXa4iIw",
    }


def changed(**members: Any) -> IdToken:
    given = {name: getattr(TOKEN, name) for name in IdToken.__slots__}
    return IdToken(**(given | members))


@pytest.mark.parametrize("name", OPTIONAL)
def test_s2_what_there_is_not_is_left_out(name: str) -> None:
    assert name not in to_claims(changed(**{name: None}), access_token="abc", alg="RS256")


@pytest.mark.parametrize("name", PROTOCOL)
def test_nothing_about_the_person_stands_in_for_a_claim_of_the_protocol(name: str) -> None:
    about = {name: "forged", "email": "alice@example.org"}
    tokens = [changed(about=about)]
    if name in OPTIONAL:
        tokens.append(changed(about=about, **{name: None}))
    for token in tokens:
        claims = to_claims(token, access_token="abc", alg="RS256")
        assert claims.get(name) != "forged"
        assert claims["email"] == "alice@example.org"


HINT = {"iss": "https://id", "aud": "a client", "sub": "alice", "azp": "a client"}
FOREIGN: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://evil"},
    "of no issuer": {"iss": None},
    "for another client": {"aud": "another"},
    "for several": {"aud": ["a client"]},
    "for nobody": {"aud": None},
    "about nobody": {"sub": None},
    "about a number": {"sub": 7},
}


def test_s3_1_2_1_an_id_token_of_ours_hints_at_its_subject() -> None:
    assert hinted_subject(HINT, issuer="https://id", client_id="a client") == "alice"


@pytest.mark.parametrize("members", FOREIGN.values(), ids=FOREIGN)
def test_s3_1_2_1_no_hint_is_a_token(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        hinted_subject(HINT | members, issuer="https://id", client_id="a client")
