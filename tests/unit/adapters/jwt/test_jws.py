"""Signing and verifying: what comes back, what `typ` must be, key rings, and joserfc as an independent
judge.
"""

import json
import types

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from identity_service.adapters.jwt.algorithms import ALGORITHMS
from identity_service.adapters.jwt.encoding import to_base64url
from identity_service.adapters.jwt.jwk import generate_private_key, public_jwk, signing_key, to_pem
from identity_service.adapters.jwt.jws import (
    LONGEST_TOKEN,
    JwsSigner,
    JwsVerifier,
    SigningKey,
    VerificationKey,
    VerificationKeys,
)
from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.ports.tokens.signer import UnverifiableToken

CLAIMS = {"iss": "https://id.example", "sub": "u1", "exp": 1_800_000_000, "aud": ["a", "b"], "ünï": "✓"}
# RFC 9864 prefers the name Ed25519; EdDSA is what relying parties know today.
in_spite_of_its_name = pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")
PEERS = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


def ring(*keys):
    return VerificationKeys(key.verification_key() for key in keys)


@pytest.fixture(params=ALGORITHMS)
def each_key(request, signing_keys):
    return signing_keys[request.param]


@pytest.fixture
def each_peer(each_key):
    """The same key in joserfc."""
    kind = PEERS[ALGORITHMS[each_key.alg].key_type]
    return kind.import_key(to_pem(each_key.private_key), {"kid": each_key.kid})


def test_the_algorithms_are_those_that_settings_clients_and_commands_know():
    assert tuple(ALGORITHMS) == SIGNING_ALGORITHMS


def test_what_is_signed_verifies_and_comes_back(each_key, verifier):
    token = JwsSigner(each_key).sign(CLAIMS, typ="at+jwt")
    assert verifier.verify(token, typ="at+jwt") == CLAIMS
    assert verifier.verify(token.encode(), typ="at+jwt") == CLAIMS
    assert verifier.verify(token, typ="at+jwt") == CLAIMS, "also with a header seen before"


@in_spite_of_its_name
def test_joserfc_accepts_what_we_sign(each_key, each_peer):
    token = JwsSigner(each_key).sign(CLAIMS, typ="at+jwt")
    opened = joserfc_jws.deserialize_compact(token, each_peer, algorithms=[each_key.alg])
    assert json.loads(opened.payload) == CLAIMS
    assert opened.headers() == {"alg": each_key.alg, "kid": each_key.kid, "typ": "at+jwt"}


@in_spite_of_its_name
def test_we_accept_what_joserfc_signs(each_key, each_peer, verifier):
    header = {"alg": each_key.alg, "kid": each_key.kid, "typ": "at+jwt"}
    token = joserfc_jws.serialize_compact(header, json.dumps(CLAIMS), each_peer, algorithms=[each_key.alg])
    assert verifier.verify(token, typ="at+jwt") == CLAIMS


@in_spite_of_its_name
def test_joserfc_reads_the_public_jwk_and_verifies_with_it(each_key):
    jwk = public_jwk(each_key.verification_key())
    peer = PEERS[jwk["kty"]].import_key(jwk)
    token = JwsSigner(each_key).sign(CLAIMS, typ="JWT")
    assert joserfc_jws.deserialize_compact(token, peer, algorithms=[each_key.alg]).payload


def test_a_changed_payload_header_or_signature_is_refused(each_key, verifier):
    token = JwsSigner(each_key).sign(CLAIMS, typ="at+jwt")
    for place, character in enumerate(token):
        other = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        with pytest.raises(UnverifiableToken):
            verifier.verify(other, typ="at+jwt")


def test_the_signature_of_another_key_of_the_same_algorithm_is_refused(signing_keys):
    ours = signing_keys["ES256"]
    stranger = SigningKey(generate_private_key("ES256"), ours.kid, "ES256")
    verifier = JwsVerifier(ring(ours))
    assert verifier.verify(JwsSigner(ours).sign(CLAIMS, typ="JWT"), typ="JWT") == CLAIMS
    with pytest.raises(UnverifiableToken):
        verifier.verify(JwsSigner(stranger).sign(CLAIMS, typ="JWT"), typ="JWT")


@pytest.mark.parametrize(
    ("signed", "expected"),
    [
        ("at+jwt", "at+jwt"),
        ("AT+JWT", "at+jwt"),
        ("application/at+jwt", "at+jwt"),
        ("Application/At+Jwt", "at+jwt"),
        ("at+jwt", "application/at+jwt"),
        ("at+jwt", "AT+JWT"),
        ("other/at+jwt", "other/at+jwt"),
    ],
)
def test_rfc7515_s4_1_9_typ_knows_no_case_and_may_leave_application_out(signer, verifier, signed, expected):
    assert verifier.verify(signer.sign(CLAIMS, typ=signed), typ=expected) == CLAIMS


@pytest.mark.parametrize(
    "signed",
    [
        "JWT",
        "",
        "at+jwt ",
        "at-jwt",
        "application/jwt",
        "other/at+jwt",
        "application/application/at+jwt",
    ],
)
def test_s19_another_typ_is_refused(signer, verifier, signed):
    token = signer.sign(CLAIMS, typ=signed)
    for _ in range(2):  # the second time the header is known
        with pytest.raises(UnverifiableToken, match="typ"):
            verifier.verify(token, typ="at+jwt")


def test_s39_a_typ_that_becomes_ours_only_in_lower_case_unicode_is_refused(signer, verifier):
    assert verifier.verify(signer.sign(CLAIMS, typ="KB+jwt"), typ="kb+jwt") == CLAIMS
    with pytest.raises(UnverifiableToken, match="media type"):
        verifier.verify(signer.sign(CLAIMS, typ="\u212ab+jwt"), typ="kb+jwt")  # the Kelvin sign


@pytest.mark.parametrize("typ", [None, 1, ["at+jwt"], {"at+jwt": 1}, True])
def test_s19_a_typ_that_is_absent_or_no_string_is_refused(key, verifier, typ):
    header = {"alg": key.alg, "kid": key.kid} | ({} if typ is None else {"typ": typ})
    with pytest.raises(UnverifiableToken, match="typ"):
        verifier.verify(signed_under(key, json.dumps(header).encode()), typ="at+jwt")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'"text"',
        b"5",
        b"null",
        b"not json",
        b'{"sub":"a"',
        b'{"sub":"a"} x',
        b'{"sub":"a","sub":"b"}',
        b'{"sub":"a","\\u0073ub":"b"}',
        b'{"deep":[{"a":1,"a":2}]}',
        b'{"exp":NaN}',
        b'{"exp":Infinity}',
        b'{"exp":-Infinity}',
        b'{"exp":1e999}',
        b'{"exp":-1e999, "a":1}',
        b'{"sub":"\\ud800"}',
        b'{"sub":"\xff"}',
        b'\xef\xbb\xbf{"sub":"a"}',
        '{"sub":"a"}'.encode("utf-16"),
        b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"a":' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        b'{"a":' + b"9" * 5_000 + b"}",
    ],
    ids=lambda payload: ascii(payload[:24]),
)
def test_s17_a_payload_that_is_no_object_of_unique_members_and_finite_numbers_is_refused(
    key, verifier, payload
):
    with pytest.raises(UnverifiableToken):
        verifier.verify(key.compact(payload, "at+jwt"), typ="at+jwt")


@pytest.mark.parametrize(
    ("payload", "claims"),
    [
        (b"{}", {}),
        (b' { "sub" : "a" } ', {"sub": "a"}),
        (b'{"sub":"\\u0061"}', {"sub": "a"}),
        (b'{"a":{"x":1},"b":{"x":1}}', {"a": {"x": 1}, "b": {"x": 1}}),
        (b'{"n":123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
        (b'{"n":1.50, "e":1e3}', {"n": 1.5, "e": 1000.0}),
    ],
    ids=ascii,
)
def test_a_payload_in_another_spelling_is_read_as_written(key, verifier, payload, claims):
    assert verifier.verify(key.compact(payload, "at+jwt"), typ="at+jwt") == claims


def test_a_token_over_the_limit_is_refused_and_one_at_the_limit_is_not(key, verifier):
    def sized(size):
        token = key.compact(b'{"a":"%s"}' % (b"x" * size), "at+jwt")
        return token, len(token)

    fitting, longer = sized(11_700), sized(12_100)
    assert fitting[1] <= LONGEST_TOKEN < longer[1]
    assert verifier.verify(fitting[0], typ="at+jwt")
    with pytest.raises(UnverifiableToken, match="16384 bytes"):
        verifier.verify(longer[0], typ="at+jwt")


def test_only_mappings_that_json_can_hold_are_signed(signer, verifier):
    frozen = types.MappingProxyType({"sub": "a"})
    assert verifier.verify(signer.sign(frozen, typ="JWT"), typ="JWT") == {"sub": "a"}
    for claims in ({"sub": object()}, {"sub": "\ud800"}, {1: "a"}):
        with pytest.raises(TypeError):
            signer.sign(claims, typ="JWT")


def test_the_ring_and_the_key_are_exchanged_by_one_assignment(signing_keys):
    old, new = signing_keys["RS256"], signing_keys["ES256"]
    signer, verifier = JwsSigner(old), JwsVerifier(ring(old))
    before = signer.sign(CLAIMS, typ="JWT")
    signer.key, verifier.keys = new, ring(old, new)
    after = signer.sign(CLAIMS, typ="JWT")
    assert [verifier.verify(token, typ="JWT") for token in (before, after)] == [CLAIMS, CLAIMS]
    verifier.keys = ring(new)
    assert verifier.verify(after, typ="JWT") == CLAIMS
    with pytest.raises(UnverifiableToken, match="kid"):
        verifier.verify(before, typ="JWT")


def test_a_ring_does_not_hold_two_keys_of_one_kid(signing_keys):
    one, other = (
        VerificationKey(key.private_key.public_key(), "same", key.alg)
        for key in list(signing_keys.values())[:2]
    )
    assert list(VerificationKeys([one])) == [one]
    with pytest.raises(ValueError, match="same kid"):
        VerificationKeys([one, other])


def test_an_empty_ring_knows_no_token(signer):
    with pytest.raises(UnverifiableToken, match="kid"):
        JwsVerifier(VerificationKeys([])).verify(signer.sign(CLAIMS, typ="JWT"), typ="JWT")


@pytest.mark.parametrize(
    ("kind", "alg"), [("RS256", "ES256"), ("ES256", "RS256"), ("EdDSA", "ES256"), ("RS256", "HS256")]
)
def test_a_key_takes_no_algorithm_that_does_not_fit_it(signing_keys, kind, alg):
    private_key = signing_keys[kind].private_key
    for make in (
        lambda: SigningKey(private_key, "k", alg),
        lambda: VerificationKey(private_key.public_key(), "k", alg),
    ):
        with pytest.raises(ValueError, match="is not one of RS256, PS256, ES256, EdDSA"):
            make()


@pytest.mark.parametrize("kid", ["", "k" * 257])
def test_a_kid_is_neither_empty_nor_long(signing_keys, kid):
    for make in (
        lambda: SigningKey(signing_keys["EdDSA"].private_key, kid, "EdDSA"),
        lambda: VerificationKey(signing_keys["EdDSA"].private_key.public_key(), kid, "EdDSA"),
    ):
        with pytest.raises(ValueError, match="kid has 1 to 256"):
            make()


def test_a_signing_key_never_prints_its_private_part(each_key):
    shown = repr(each_key)
    assert each_key.kid in shown
    assert "private" not in shown.lower()


def test_headers_are_remembered_only_from_tokens_that_verified_and_only_so_many(key):
    keys = ring(key)
    forged = to_base64url(b'{"alg":"RS256","kid":"%s","typ":"x"}' % key.kid.encode())
    with pytest.raises(UnverifiableToken):
        keys.open(forged + b".e30.AAAA")
    assert not keys._headers
    for number in range(300):
        keys._headers.setdefault(b"%d" % number, None)
    keys.open(key.compact(b"{}", "at+jwt").encode())
    assert len(keys._headers) == 300


def test_one_rsa_key_may_stand_in_the_ring_under_two_algorithms_and_kids(signing_keys):
    private_key = signing_keys["RS256"].private_key
    first, second = SigningKey(private_key, "one", "RS256"), SigningKey(private_key, "two", "PS256")
    verifier = JwsVerifier(ring(first, second))
    for key in (first, second):
        assert verifier.verify(JwsSigner(key).sign(CLAIMS, typ="JWT"), typ="JWT") == CLAIMS
    crossed = SigningKey(private_key, "one", "PS256")
    with pytest.raises(UnverifiableToken, match="alg is not RS256"):
        verifier.verify(JwsSigner(crossed).sign(CLAIMS, typ="JWT"), typ="JWT")


def test_the_kid_of_a_made_key_is_its_thumbprint(each_key, each_peer):
    assert signing_key(each_key.private_key).kid == each_peer.thumbprint()


def signed_under(key, header):
    """A token with this very header, properly signed by the key."""
    signed = to_base64url(header) + b"." + to_base64url(b'{"sub":"a"}')
    return signed + b"." + to_base64url(key._sign(signed))
