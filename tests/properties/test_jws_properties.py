"""verify() raises UnverifiableToken and nothing else, whatever the bytes; what was signed always comes back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_service.adapters.jwt.encoding import from_base64url, json_object, to_base64url
from identity_service.adapters.jwt.jwk import generate_private_key, signing_key
from identity_service.adapters.jwt.jws import JwsSigner, JwsVerifier, VerificationKeys
from identity_service.ports.tokens.signer import UnverifiableToken

KEY = signing_key(generate_private_key("EdDSA"))
SIGNER, VERIFIER = JwsSigner(KEY), JwsVerifier(VerificationKeys([KEY.verification_key()]))
HEADER = {"alg": KEY.alg, "kid": KEY.kid, "typ": "at+jwt"}
GOOD = SIGNER.sign({"sub": "a"}, typ="at+jwt").encode()

any_text = st.text(st.characters(codec=None, exclude_categories=()))
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
claims = st.dictionaries(st.text(), values, max_size=8)
headers = st.dictionaries(st.sampled_from([*HEADER, "crit", "jwk", "cty", "x"]), values, max_size=6)
segments = (
    st.binary(max_size=120) | st.binary(max_size=90).map(to_base64url) | st.sampled_from(GOOD.split(b"."))
)


def refused(token):
    with pytest.raises(UnverifiableToken):
        VERIFIER.verify(token, typ="at+jwt")


@given(claims)
def test_signed_claims_come_back(members):
    assert VERIFIER.verify(SIGNER.sign(members, typ="at+jwt"), typ="at+jwt") == members


@given(st.binary(max_size=400) | any_text)
def test_arbitrary_bytes_and_text_are_refused(token):
    refused(token)


@given(st.lists(segments, max_size=5).map(b".".join).filter(lambda token: token != GOOD))
def test_arbitrary_segments_are_refused(token):
    refused(token)


@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.binary(max_size=12))
def test_a_spliced_token_is_refused(start, size, piece):
    token = GOOD[:start] + piece + GOOD[start + size :]
    if token != GOOD:
        refused(token)


def truly_signed(header, payload):
    data = to_base64url(header) + b"." + to_base64url(payload)
    return data + b"." + to_base64url(KEY._sign(data))


@given(headers, st.binary(max_size=200))
def test_a_truly_signed_token_with_any_header_and_payload_gives_claims_or_invalid_token(members, payload):
    header = json.dumps(HEADER | members).encode()
    try:
        found = VERIFIER.verify(truly_signed(header, payload), typ="at+jwt")
    except UnverifiableToken:
        return
    assert found == json.loads(payload)
    assert not {"crit", "jwk", "cty"} & members.keys()


@given(st.binary(max_size=200))
def test_a_truly_signed_token_with_any_header_bytes_gives_claims_or_invalid_token(header):
    refused(truly_signed(header, b"{}"))


@given(st.binary(max_size=64))
def test_base64url_is_a_bijection_on_what_it_accepts(raw):
    assert from_base64url(to_base64url(raw)) == raw
    try:
        decoded = from_base64url(raw)
    except ValueError:
        return
    assert to_base64url(decoded) == raw


@given(claims, st.sampled_from([None, 1]), st.booleans())
def test_an_object_is_read_alike_in_every_spelling(members, indent, escaped):
    text = json.dumps(members, indent=indent, ensure_ascii=escaped).encode()
    assert json_object(text) == members


@given(claims.filter(bool), st.data())
def test_an_object_with_a_doubled_member_is_refused_wherever_it_stands(members, data):
    name = data.draw(st.sampled_from(sorted(members)))
    pairs = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in members.items()]
    pairs.insert(data.draw(st.integers(0, len(pairs))), f"{json.dumps(name)}:0")
    text = "{" + ",".join(pairs) + "}"
    for spelling in (text, '{"outer":[' + text + "]}"):
        with pytest.raises(ValueError, match="there twice"):
            json_object(spelling.encode())
