"""ATTACKS 15 to 18 on a token: confusion of algorithms, keys from the token, odd headers, no signature."""

import hashlib
import hmac
import itertools
import json

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity_service.adapters.jwt.encoding import from_base64url, to_base64url
from identity_service.adapters.jwt.jwk import generate_private_key, public_jwk, signing_key
from identity_service.ports.tokens.signer import UnverifiableToken

CLAIMS = {"sub": "u1"}
PAYLOAD = to_base64url(orjson.dumps(CLAIMS))
HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def header_of(key, **members):
    return {"alg": key.alg, "kid": key.kid, "typ": "at+jwt"} | members


def signed(key, header):
    """A token with this header, given as members or as bytes, truly signed by the key."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    data = to_base64url(raw) + b"." + PAYLOAD
    return data + b"." + to_base64url(key._sign(data))


def refused(verifier, token, match=None):
    with pytest.raises(UnverifiableToken, match=match):
        verifier.verify(token, typ="at+jwt")


def test_the_set_up_is_sound_a_plain_header_is_accepted(key, verifier):
    assert verifier.verify(signed(key, header_of(key)), typ="at+jwt") == CLAIMS
    assert (
        verifier.verify(signed(key, header_of(key, extra="unknown members are ignored")), typ="at+jwt")
        == CLAIMS
    )


FORMS = {
    "RS256": [(Encoding.PEM, PublicFormat.PKCS1), (Encoding.DER, PublicFormat.PKCS1)],
    "PS256": [(Encoding.PEM, PublicFormat.PKCS1), (Encoding.DER, PublicFormat.PKCS1)],
    "ES256": [(Encoding.X962, PublicFormat.UncompressedPoint), (Encoding.X962, PublicFormat.CompressedPoint)],
    "EdDSA": [(Encoding.Raw, PublicFormat.Raw)],
}
EVERY_KEY = [
    (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    (Encoding.OpenSSH, PublicFormat.OpenSSH),
]


def encodings(key):
    """The public key in every encoding that somebody could take for an HMAC secret."""
    jwk = public_jwk(key.verification_key())
    yield from (b"", *(text.encode() for text in jwk.values()))
    yield from (from_base64url(jwk[name].encode()) for name in ("n", "e", "x", "y") if name in jwk)
    yield from (json.dumps(jwk).encode(), orjson.dumps(jwk), json.dumps({"keys": [jwk]}).encode())
    for form in (*EVERY_KEY, *FORMS[key.alg]):
        raw = key.private_key.public_key().public_bytes(*form)
        yield from (raw, raw.rstrip(b"\n"), raw.rstrip(b"\n") + b"\n", raw.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("alg", HASHES)
@pytest.mark.parametrize("name", ["RS256", "PS256", "ES256", "EdDSA"])
def test_s15_the_public_key_is_no_hmac_secret_in_any_encoding(signing_keys, verifier, name, alg):
    key = signing_keys[name]
    for secret, claimed in itertools.product(encodings(key), (alg, key.alg)):
        data = to_base64url(json.dumps(header_of(key, alg=claimed)).encode()) + b"." + PAYLOAD
        refused(verifier, data + b"." + to_base64url(hmac.digest(secret, data, HASHES[alg])))


OTHER_ALGS = [
    "HS256",
    "RS384",
    "RS512",
    "PS256",
    "ES256",
    "ES256K",
    "EdDSA",
    "Ed25519",
    "RSA-OAEP",
    "rs256",
    "RS256 ",
]


@pytest.mark.parametrize("alg", [*OTHER_ALGS, "", 0, 256, None, True, ["RS256"], {"RS256": 1}], ids=str)
def test_s15_alg_must_be_the_keys_own(key, verifier, alg):
    refused(verifier, signed(key, header_of(key, alg=alg)), "alg is not RS256")


def test_s15_of_all_mixtures_of_key_kid_and_alg_only_the_three_that_belong_together_are_accepted(
    signing_keys, verifier
):
    accepted = set()
    for signing, named, alg in itertools.product(signing_keys, repeat=3):
        header = {"alg": alg, "kid": signing_keys[named].kid, "typ": "at+jwt"}
        try:
            verifier.verify(signed(signing_keys[signing], header), typ="at+jwt")
        except UnverifiableToken:
            continue
        accepted.add((signing, named, alg))
    assert accepted == {(name, name, name) for name in signing_keys}


def test_s15_a_header_without_alg_is_refused(key, verifier):
    refused(verifier, signed(key, {"kid": key.kid, "typ": "at+jwt"}), "alg is not RS256")


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"])
@pytest.mark.parametrize(
    "value", [None, "", "https://attacker.example/jwks.json", [], {}, {"kty": "oct", "k": "AA"}]
)
def test_s16_a_header_that_brings_or_points_to_a_key_is_refused(key, verifier, member, value):
    refused(verifier, signed(key, header_of(key, **{member: value})), f"{member} not allowed")


def test_s16_a_token_signed_by_the_key_it_carries_is_refused(verifier):
    own = signing_key(generate_private_key("ES256"))
    jwk = public_jwk(own.verification_key())
    refused(verifier, signed(own, header_of(own, jwk=jwk)), "jwk not allowed")
    refused(verifier, signed(own, header_of(own)), "kid names no key")


@pytest.mark.parametrize(
    "kid",
    [
        None,
        "",
        " ",
        0,
        1.5,
        True,
        [],
        {},
        "../../../../dev/null",
        "/proc/self/environ",
        "' OR '1'='1",
        "x' UNION SELECT 'secret",
        "k\0",
        "\r\nX: y",
        "é",
        "k" * 9_000,
        "__class__",
    ],
    ids=lambda kid: ascii(kid)[:24],
)
def test_s16_a_kid_that_is_not_exactly_a_known_one_is_refused(key, verifier, kid):
    refused(verifier, signed(key, header_of(key, kid=kid)), "kid names no key")


def test_s16_a_kid_near_a_known_one_a_list_of_it_and_none_at_all_are_refused(key, verifier):
    for kid in (key.kid + "\0", key.kid[:-1], key.kid.swapcase(), [key.kid], {key.kid: 1}, "a" * 1_048_576):
        refused(verifier, signed(key, header_of(key, kid=kid)))
    refused(verifier, signed(key, {"alg": key.alg, "typ": "at+jwt"}), "kid names no key")


@pytest.mark.parametrize("crit", [None, [], ["exp"], ["b64"], ["alg"], "exp", {}, [1], ["exp", "exp"]])
def test_s17_crit_is_refused_whatever_it_says(key, verifier, crit):
    refused(verifier, signed(key, header_of(key, crit=crit, exp=1)), "crit not allowed")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("zip", "DEF"),
        ("zip", None),
        ("b64", False),
        ("b64", True),
        ("enc", "A256GCM"),
        ("cty", "JWT"),
        ("cty", "jwt"),
        ("cty", "application/jwt"),
        ("cty", "json"),
    ],
)
def test_s17_compressed_unencoded_encrypted_and_nested_tokens_are_refused(key, verifier, member, value):
    refused(verifier, signed(key, header_of(key, **{member: value})), f"{member} not allowed")


def test_s17_a_token_within_a_token_is_refused_also_without_cty(key, verifier):
    inner = key.compact(orjson.dumps(CLAIMS), "at+jwt")
    for payload in (inner.encode(), json.dumps(inner).encode()):
        refused(verifier, key.compact(payload, "at+jwt"))


@pytest.mark.parametrize(
    "header",
    [
        '{{"alg":"{alg}","alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}',
        '{{"alg":"none","alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}',
        '{{"alg":"{alg}","\\u0061lg":"none","kid":"{kid}","typ":"at+jwt"}}',
        '{{"alg":"{alg}","kid":"x","kid":"{kid}","typ":"at+jwt"}}',
        '{{"alg":"{alg}","kid":"{kid}","typ":"JWT","typ":"at+jwt"}}',
        '{{"alg":"{alg}","kid":"{kid}","typ":"at+jwt","x":{{"y":1,"y":2}}}}',
    ],
)
def test_s17_a_header_with_a_doubled_member_is_refused(key, verifier, header):
    refused(verifier, signed(key, header.format(alg=key.alg, kid=key.kid).encode()), "there twice")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"{",
        b"\xff",
        b'{"alg":NaN}',
        b"[" * 9_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
    ids=lambda header: ascii(header[:12]),
)
def test_s17_a_header_that_is_no_json_object_is_refused(key, verifier, header):
    refused(verifier, signed(key, header), "header: ")


def test_s17_a_header_in_utf_16_is_refused(key, verifier):
    refused(verifier, signed(key, json.dumps(header_of(key)).encode("utf-16")), "header: ")


NONES = ["".join(letters) for letters in itertools.product("nN", "oO", "nN", "eE")]


@pytest.mark.parametrize(
    "alg", [*NONES, " none", "none ", "none\0", "", "null", None, False, 0, [], "no\u0578e"], ids=ascii
)
def test_s18_alg_none_is_refused_in_every_spelling_with_and_without_a_signature(key, verifier, alg):
    token = signed(key, header_of(key, alg=alg))
    unsigned = token[: token.rindex(b".")]
    for each in (token, unsigned + b".", unsigned, unsigned + b".AA", unsigned + b"..", unsigned + b".e30"):
        refused(verifier, each)


@pytest.mark.parametrize("name", ["RS256", "PS256", "ES256", "EdDSA"])
def test_s18_empty_truncated_extended_and_zero_signatures_are_refused(signing_keys, verifier, name):
    key = signing_keys[name]
    token = signed(key, header_of(key))
    assert verifier.verify(token, typ="at+jwt") == CLAIMS
    data = token[: token.rindex(b".")]
    raw = key._sign(data)
    spoilt = [raw[:size] for size in range(0, len(raw), 7)] + [
        raw[:-1],
        raw[1:],
        raw + b"\0",
        b"\0" + raw,
        raw + raw,
    ]
    spoilt += [bytes(len(raw)), b"\xff" * len(raw), raw[::-1]]
    spoilt += [raw[:32] + b"\0" + raw[32:]]  # ES256: s with a leading zero would be the same number
    for signature in spoilt:
        refused(verifier, data + b"." + to_base64url(signature))


def test_s18_an_es256_signature_in_der_is_refused(signing_keys, verifier):
    key = signing_keys["ES256"]
    token = signed(key, header_of(key))
    data = token[: token.rindex(b".")]
    refused(verifier, data + b"." + to_base64url(key.private_key.sign(data, ECDSA(SHA256()))))


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-4 D.1.2.3
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493  # RFC 8032 §5.1


@pytest.mark.parametrize("part", ["r", "s"])
@pytest.mark.parametrize(
    "number", [0, P256_ORDER, P256_ORDER + 1, 2**256 - 1], ids=["0", "n", "n+1", "2^256-1"]
)
def test_s18_an_es256_signature_with_a_number_out_of_range_is_refused(signing_keys, verifier, part, number):
    key = signing_keys["ES256"]
    data = signed(key, header_of(key)).rpartition(b".")[0]
    raw, other = key._sign(data), number.to_bytes(32, "big")
    spoilt = other + raw[32:] if part == "r" else raw[:32] + other
    refused(verifier, data + b"." + to_base64url(spoilt), "InvalidSignature")


def test_s18_an_es256_signature_of_another_curve_or_hash_is_refused(signing_keys, verifier):
    key = signing_keys["ES256"]
    data = signed(key, header_of(key)).rpartition(b".")[0]
    for private_key, digest in (
        (ec.generate_private_key(ec.SECP256K1()), SHA256()),
        (key.private_key, SHA384()),
    ):
        r, s = decode_dss_signature(private_key.sign(data, ECDSA(digest)))
        refused(verifier, data + b"." + to_base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big")))


def test_s18_an_eddsa_signature_has_one_spelling(signing_keys, verifier):
    key = signing_keys["EdDSA"]
    data = signed(key, header_of(key)).rpartition(b".")[0]
    raw = key._sign(data)
    larger = int.from_bytes(raw[32:], "little") + ED25519_ORDER  # the same modulo the order (RFC 8032 §5.1.7)
    refused(
        verifier, data + b"." + to_base64url(raw[:32] + larger.to_bytes(32, "little")), "InvalidSignature"
    )


@pytest.mark.parametrize("salt", [0, 20, 31, 33])
def test_rfc7518_s3_5_a_ps256_signature_has_a_salt_of_32_bytes(signing_keys, verifier, salt):
    key = signing_keys["PS256"]
    data = signed(key, header_of(key)).rpartition(b".")[0]
    padding = PSS(mgf=MGF1(SHA256()), salt_length=salt)
    refused(verifier, data + b"." + to_base64url(key.private_key.sign(data, padding, SHA256())))


@pytest.mark.parametrize(
    "respell",
    [
        lambda token: token + b"=",
        lambda token: token + b"==",
        lambda token: token + b"\n",
        lambda token: b" " + token,
        lambda token: token + b".",
        lambda token: b"." + token,
        lambda token: token.replace(b".", b"..", 1),
        lambda token: token.replace(b".", b"=.", 1),
        lambda token: token.replace(b".", b" .", 1),
        lambda token: token.rpartition(b".")[0],
        lambda token: token.replace(b"-", b"+").replace(b"_", b"/"),
        lambda token: token[:-1],
        lambda token: token[:-1] + chr(token[-1] + 1).encode(),
        lambda token: b"",
        lambda token: b"..",
        lambda token: b"Bearer " + token,
        lambda token: json.dumps({"payload": "", "signatures": [{"protected": token.decode()}]}).encode(),
    ],
)
def test_rfc7515_s2_a_token_has_one_spelling(key, verifier, respell):
    token = next(
        token for token in map(lambda n: signed(key, header_of(key, n=n)), range(99)) if b"-" in token
    )
    assert verifier.verify(token, typ="at+jwt") == CLAIMS
    assert respell(token) != token
    refused(verifier, respell(token))


def test_rfc7515_s7_1_a_compact_jws_has_exactly_three_segments(key, verifier):
    token = signed(key, header_of(key))
    assert verifier.keys.open(token) == ("at+jwt", orjson.dumps(CLAIMS))
    for other in (b"", token.rpartition(b".")[0], token + b".", token + b".e30.e30"):
        with pytest.raises(UnverifiableToken, match="not three segments"):
            verifier.keys.open(other)


def test_the_reason_does_not_repeat_the_token(key, verifier):
    token = signed(key, header_of(key))
    for spoilt in (token[:-4], token[5:], token + b".x"):
        with pytest.raises(UnverifiableToken) as refusal:
            verifier.verify(spoilt, typ="at+jwt")
        assert PAYLOAD.decode() not in str(refusal.value)
