"""A secret shows nothing; opaque tokens have one spelling and reject garbage (PROTOCOL §2, §3)."""

import copy
import dataclasses
import hashlib
import json
import pickle

import pytest

from identity_service.domain.value_objects.secret import (
    OpaqueKind,
    Secret,
    digest,
    is_opaque_token,
    opaque_token,
)

WORD = "correct horse battery staple"
KINDS = list(OpaqueKind)
UNRESERVED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3


@dataclasses.dataclass(frozen=True)
class Holder:
    password: Secret


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        lambda s: f"{s}",
        lambda s: f"{s!r:>60}",
        lambda s: format(s, ">60"),
        lambda s: "%s %r" % (s, s),  # noqa: UP031 - the old operator is one of the ways to print
        lambda s: repr(Holder(s)),
        lambda s: repr([s, {s: s}]),
        lambda s: repr(dataclasses.asdict(Holder(s))),
        lambda s: json.dumps({"s": s}, default=str),
        lambda s: repr(copy.deepcopy({"s": s})),
    ],
)
def test_a_secret_never_prints_itself(show):
    shown = show(Secret(WORD))
    assert "Secret(...)" in shown
    assert not any(word in shown for word in WORD.split())


def test_reveal_gives_the_text():
    assert Secret(WORD).reveal() == WORD


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled_alone_or_inside_something(protocol):
    for value in (Secret(WORD), Holder(Secret(WORD))):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(value, protocol)


def test_a_secret_is_not_json():
    with pytest.raises(TypeError):
        json.dumps(Secret(WORD))


def test_a_copy_is_the_secret_itself():
    secret = Secret(WORD)
    assert copy.copy(secret) is secret
    assert copy.deepcopy(secret) is secret


def test_a_secret_does_not_change():
    secret = Secret(WORD)
    with pytest.raises(AttributeError):
        secret._text = "other"
    assert secret.reveal() == WORD


def test_equality_is_by_text_between_secrets_only():
    assert Secret(WORD) == Secret(WORD)
    assert hash(Secret(WORD)) == hash(Secret(WORD))
    assert Secret(WORD) != Secret(WORD + "!")
    assert Secret("\ud800") != Secret("é")
    assert Secret(WORD) != WORD
    assert Secret("")._text == ""
    assert not Secret("")
    assert Secret("x")


@pytest.mark.parametrize("kind", KINDS)
def test_s3_an_opaque_token_is_prefix_and_48_unreserved_characters(kind):
    token = opaque_token(kind, bytes(range(32))).reveal()
    assert token.startswith(kind.value)
    assert len(token) == 52
    assert set(token) <= UNRESERVED
    assert is_opaque_token(kind, token)


def test_s3_the_prefixes_are_ids_and_idr():
    assert opaque_token(OpaqueKind.CLIENT_SECRET, bytes(32)).reveal().startswith("ids_")
    assert opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(32)).reveal().startswith("idr_")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_s3_an_opaque_token_is_made_of_32_bytes_only(size):
    with pytest.raises(ValueError, match="32 bytes"):
        opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(size))


@pytest.mark.parametrize("place", range(52))
def test_s3_one_changed_character_breaks_the_token(place):
    token = opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(range(100, 132))).reveal()
    other = "A" if token[place] != "A" else "B"
    assert not is_opaque_token(OpaqueKind.REFRESH_TOKEN, token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: "",
        lambda t: t[:-1],
        lambda t: t + "A",
        lambda t: t + "\n",
        lambda t: t + "=",
        lambda t: " " + t,
        lambda t: t[:-1] + "\ud800",
        lambda t: t[:-1] + "é",
        lambda t: t[:-1] + "\0",
        lambda t: t.upper(),
        lambda t: "idr_" + "A" * 48,
        lambda t: "ids_" + t[4:],
        lambda t: t * 10_000,
    ],
)
def test_s3_garbage_is_no_token(spoil):
    token = opaque_token(OpaqueKind.REFRESH_TOKEN, bytes(range(32))).reveal()
    assert not is_opaque_token(OpaqueKind.REFRESH_TOKEN, spoil(token))


def test_s3_a_token_of_one_kind_is_none_of_the_other_even_with_its_prefix():
    secret = opaque_token(OpaqueKind.CLIENT_SECRET, bytes(range(32))).reveal()
    assert not is_opaque_token(OpaqueKind.REFRESH_TOKEN, secret)
    assert not is_opaque_token(OpaqueKind.REFRESH_TOKEN, "idr_" + secret[4:])


def test_the_digest_is_sha_256_of_the_utf_8_bytes_and_takes_any_string():
    assert digest("idr_abc") == hashlib.sha256(b"idr_abc").digest()
    assert digest("a\ud800") != digest("a")
