"""base64url and JSON with one spelling each."""

import base64

import pytest

from identity_service.adapters.jwt.encoding import from_base64url, json_object, to_base64url


@pytest.mark.parametrize("size", range(10))
def test_what_is_encoded_decodes(size):
    raw = bytes(range(250, 256)) * 2
    assert from_base64url(to_base64url(raw[:size])) == raw[:size]
    assert b"=" not in to_base64url(raw[:size])


@pytest.mark.parametrize("place", [b"AAA%b", b"%bAAA"])
def test_rfc4648_s3_3_only_the_64_characters_of_the_url_alphabet_are_taken(place):
    allowed = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for byte in range(256):
        text = place % bytes([byte])
        if byte in allowed:
            assert to_base64url(from_base64url(text)) == text
        else:
            with pytest.raises(ValueError, match=r"\w"):
                from_base64url(text)


@pytest.mark.parametrize("size", [1, 2])
def test_rfc4648_s3_5_the_unused_bits_must_be_zero(size):
    accepted = []
    for last in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        text = b"A" * size + bytes([last])
        try:
            accepted.append(to_base64url(from_base64url(text)) == text)
        except ValueError:
            assert len(base64.urlsafe_b64decode(text + b"==")) == size
    assert accepted == [True] * (4 if size == 1 else 16)


@pytest.mark.parametrize("text", [b"A", b"AAAAA", b"AA==", b"AAA=", b"AAAA====", b"=", b"AA\n", b"A A"])
def test_a_length_that_cannot_be_and_padding_are_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        from_base64url(text)


@pytest.mark.parametrize(
    "text", [b'{"a":1}', b'{"a":{"b":[1,2.5,null,true,"x"]}}', b' {"a" : 1}', b'{"b":1e2,"a":"\\u00e9"}']
)
def test_an_object_is_read(text):
    assert isinstance(json_object(text), dict)


@pytest.mark.parametrize("text", [b'{"a":1,"a":1}', b'[{"a":1,"a":1}]', b'{"x":[{"a":1,"b":2,"a":3}]}'])
def test_doubled_members_are_refused_at_every_depth(text):
    with pytest.raises(ValueError, match="there twice"):
        json_object(text)


@pytest.mark.parametrize("depth", [255, 990, 1_020, 5_000, 100_000])
def test_deep_nesting_is_refused_without_another_exception(depth):
    with pytest.raises(ValueError, match=r"deep|[Rr]ecursion|nested|limit"):
        json_object(b'{"a":' * depth + b"1" + b"}" * depth)
