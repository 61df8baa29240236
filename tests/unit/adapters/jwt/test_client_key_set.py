"""Keys of clients: which may be registered, and which verifies a token (RFC 7517, RFC 8725; attacks 15 to 18)."""

from typing import Any

import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from identity_service.adapters.jwt.client_key_set import MOST_KEYS, JwkKeySets
from identity_service.adapters.jwt.encoding import to_base64url
from identity_service.adapters.jwt.jwk import (
    generate_private_key,
    public_jwk,
    signing_key,
    thumbprint,
    to_pem,
)
from identity_service.adapters.jwt.jws import SigningKey
from identity_service.ports.tokens.key_sets import UnusableKey
from identity_service.ports.tokens.signer import UnknownKey, UnverifiableToken

ALGS = ("RS256", "PS256", "ES256", "EdDSA")
in_spite_of_its_name = pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")


@pytest.fixture(scope="module")
def pair(signing_keys: dict[str, SigningKey]) -> dict[str, SigningKey]:
    """A key for each algorithm; one RSA key has both of its own."""
    return signing_keys | {"PS256": signing_key(signing_keys["RS256"].private_key, "PS256")}


def published(key: SigningKey, **changes: Any) -> dict[str, Any]:
    """The JWK; a member None is left out."""
    members: dict[str, Any] = public_jwk(key.verification_key()) | changes
    return {name: value for name, value in members.items() if value is not None}


def signed(key: SigningKey, claims: bytes = b'{"a":1}', **changes: Any) -> str:
    """A token with this header, whatever the key would have said."""
    header = {"alg": key.alg, "kid": key.kid} | changes
    head = to_base64url(orjson.dumps({name: value for name, value in header.items() if value is not None}))
    data = head + b"." + to_base64url(claims)
    return (data + b"." + to_base64url(key._sign(data))).decode()


def opened(token: str, *keys: dict[str, Any], alg: str | None = None) -> Any:
    return JwkKeySets().read({"keys": list(keys)}).open(token, alg=alg)


@pytest.mark.parametrize("alg", ALGS)
def test_rfc7515_s5_2_each_algorithm_verifies(pair: dict[str, SigningKey], alg: str) -> None:
    key = pair[alg]

    for named in ({}, {"alg": None}, {"use": None}, {"use": None, "key_ops": ["verify"]}):
        assert opened(signed(key), published(key, **named)).claims == {"a": 1}
    assert opened(signed(key), published(key), alg=alg).claims == {"a": 1}
    assert opened(signed(key, typ="JWT"), published(key)).typ == "jwt"


@in_spite_of_its_name
def test_an_independent_signer_is_understood(pair: dict[str, SigningKey]) -> None:
    for alg, kind in (("RS256", RSAKey), ("PS256", RSAKey), ("ES256", ECKey), ("EdDSA", OKPKey)):
        key = kind.import_key(to_pem(pair[alg].private_key))
        token = jwt.encode({"alg": alg, "kid": "k"}, {}, key, algorithms=[alg])

        assert opened(token, {**key.as_dict(private=False), "kid": "k"}).claims == {}


def test_rfc7517_s4_4_a_key_without_alg_verifies_what_fits_it(pair: dict[str, SigningKey]) -> None:
    rsa = published(pair["RS256"], alg=None)

    for alg in ("RS256", "PS256"):
        assert opened(signed(pair[alg]), rsa).claims == {"a": 1}
        with pytest.raises(UnverifiableToken):
            opened(signed(pair[alg]), rsa, alg="ES256")
    assert opened(signed(pair["PS256"]), rsa, alg="PS256").claims == {"a": 1}
    with pytest.raises(UnverifiableToken):
        opened(signed(pair["RS256"]), rsa, alg="PS256")
    with pytest.raises(UnverifiableToken):
        opened(signed(pair["PS256"]), published(pair["RS256"]))


def test_oidc_core_s10_1_kid_may_be_left_out_where_one_key_fits(pair: dict[str, SigningKey]) -> None:
    ec, ed = published(pair["ES256"], kid="a"), published(pair["EdDSA"], kid=None)
    token = signed(pair["ES256"], kid=None)

    assert opened(token, ec, ed).claims == {"a": 1}
    assert opened(
        signed(pair["EdDSA"], kid=thumbprint(pair["EdDSA"].private_key.public_key())), ec, ed
    ).claims
    with pytest.raises(UnverifiableToken, match="do not mean one key"):
        opened(token, ec, published(signing_key(generate_private_key("ES256"))))


def test_a_kid_that_is_not_there_is_told_apart(pair: dict[str, SigningKey]) -> None:
    with pytest.raises(UnknownKey):
        opened(signed(pair["ES256"], kid="new"), published(pair["ES256"]))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"alg": "none"}, id="18: none"),
        pytest.param({"alg": "nOnE"}, id="18: none, spelled otherwise"),
        pytest.param({"alg": "HS256"}, id="15: HMAC"),
        pytest.param({"alg": "ES384"}, id="15: another algorithm"),
        pytest.param({"alg": "RS256"}, id="15: of another kind of key"),
        pytest.param({"alg": None}, id="no alg"),
        pytest.param({"alg": ["ES256"]}, id="alg as a list"),
        pytest.param({"kid": ["x"]}, id="kid as a list"),
        pytest.param({"kid": 1}, id="kid as a number"),
        pytest.param({"kid": "x" * 10_000}, id="16: a long kid"),
        pytest.param({"kid": "../../keys"}, id="16: a path for a kid"),
        pytest.param({"jwk": {"kty": "EC"}}, id="16: a key in the header"),
        pytest.param({"jku": "https://a.example"}, id="16: jku"),
        pytest.param({"x5u": "https://a.example"}, id="16: x5u"),
        pytest.param({"x5c": ["MIIB"]}, id="16: x5c"),
        pytest.param({"crit": ["exp"], "exp": 1}, id="17: crit"),
        pytest.param({"b64": False}, id="17: b64"),
        pytest.param({"zip": "DEF"}, id="17: zip"),
        pytest.param({"cty": "JWT"}, id="17: nested"),
        pytest.param({"typ": 1}, id="typ as a number"),
    ],
)
def test_attacks_15_to_18_another_header_is_refused(pair: dict[str, SigningKey], changes: Any) -> None:
    with pytest.raises(UnverifiableToken):
        opened(signed(pair["ES256"], **changes), published(pair["ES256"]))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token.rpartition(".")[0] + ".", id="18: an empty signature"),
        pytest.param(lambda token: token[:-4], id="18: half a signature"),
        pytest.param(lambda token: token.rpartition(".")[0], id="two segments"),
        pytest.param(lambda token: token + ".x", id="four segments"),
        pytest.param(lambda token: token + "=", id="padding"),
        pytest.param(lambda token: "é" + token, id="not ASCII"),
        pytest.param(lambda token: token.replace(".", ".W", 1), id="other claims"),
        pytest.param(lambda token: "", id="nothing"),
        pytest.param(lambda token: token + "x" * 16_384, id="too long"),
    ],
)
def test_attack_18_another_token_is_refused(pair: dict[str, SigningKey], spoil: Any) -> None:
    with pytest.raises(UnverifiableToken):
        opened(spoil(signed(pair["ES256"])), published(pair["ES256"]))


@pytest.mark.parametrize(
    "claims", [b"[]", b'{"sub":"a","sub":"b"}', b"{", b'"x"', b"\xff", b'{"exp":1e999}'],
    ids=["a list", "17: a doubled member", "half", "text", "no UTF-8", "a38: infinite"],
)  # fmt: skip
def test_rfc7519_s4_claims_are_an_object_of_unique_members(
    pair: dict[str, SigningKey], claims: bytes
) -> None:
    with pytest.raises(UnverifiableToken):
        opened(signed(pair["ES256"], claims), published(pair["ES256"]))


def test_a_key_that_cannot_be_used_is_passed_over(pair: dict[str, SigningKey]) -> None:
    good, token = published(pair["ES256"]), signed(pair["ES256"])
    others = (
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "p521"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        published(pair["RS256"], d="AQAB"),
        published(pair["RS256"], use="enc"),
        published(pair["RS256"], alg="RSA-OAEP"),
        {},
    )

    assert opened(token, *others, good).claims == {"a": 1}
    with pytest.raises(UnverifiableToken):
        opened(signed(pair["RS256"]), *others, good)


@pytest.mark.parametrize(
    "set_", [{}, {"keys": []}, {"keys": {}}, {"keys": [1]}, {"keys": [{}] * (MOST_KEYS + 1)}]
)
def test_what_is_no_key_set_is_refused(set_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a JWK Set"):
        JwkKeySets().read(set_)
    with pytest.raises(UnusableKey):
        JwkKeySets().check(set_)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"keys":[{}],"keys":[]}', b"[" * 10_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        JwkKeySets().parse(body)


def test_rfc7591_s2_public_keys_may_be_registered(pair: dict[str, SigningKey]) -> None:
    encrypting = published(pair["RS256"], use="enc", alg="RSA-OAEP", kid="enc")

    JwkKeySets().check({"keys": [encrypting, *(published(pair[alg]) for alg in ("RS256", "ES256", "EdDSA"))]})


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"d": "AQAB"}, 0),
        ({"k": "AQAB"}, 0),
        ({"kid": ""}, 0),
        ({"kid": "x" * 257}, 0),
        ({"kid": None, "kty": "oct"}, 0),
        ({"crv": "P-384"}, 0),
        ({"alg": "ES384"}, 0),
        ({"alg": "none"}, 0),
        ({"alg": ""}, 0),
        ({"x": "AA"}, 0),
        ({"x": "A" * 5000}, 0),
        ({"use": "enc", "d": "AQAB"}, 0),
        ({"use": "enc"}, None),
        ({"key_ops": ["encrypt"]}, None),
    ],
)
def test_rfc7591_s2_no_others(pair: dict[str, SigningKey], changes: Any, at: int | None) -> None:
    with pytest.raises(UnusableKey) as refused:
        JwkKeySets().check({"keys": [published(pair["ES256"], **changes)]})

    assert refused.value.at == at


def test_rfc7517_s4_5_no_two_keys_have_one_name(pair: dict[str, SigningKey]) -> None:
    one, two = published(pair["ES256"], kid="a"), published(pair["EdDSA"], kid="a")
    unnamed = published(pair["ES256"], kid=None)
    for keys in ([one, two], [unnamed, unnamed]):
        with pytest.raises(UnusableKey):
            JwkKeySets().check({"keys": keys})
