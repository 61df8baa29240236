"""Opaque tokens over arbitrary bytes and arbitrary text (PROTOCOL §3)."""

from hypothesis import given
from hypothesis import strategies as st

from identity_service.domain.value_objects.secret import (
    OpaqueKind,
    Secret,
    digest,
    is_opaque_token,
    opaque_token,
)

random_bytes = st.binary(min_size=32, max_size=32)
any_text = st.text(st.characters(codec=None, exclude_categories=()))


@given(st.sampled_from(OpaqueKind), random_bytes)
def test_every_token_passes_its_own_check_only(kind, random):
    token = opaque_token(kind, random).reveal()
    assert {k for k in OpaqueKind if is_opaque_token(k, token)} == {kind}


@given(random_bytes, random_bytes)
def test_tokens_are_equal_exactly_when_their_bytes_are(one, other):
    tokens = [opaque_token(OpaqueKind.REFRESH_TOKEN, random) for random in (one, other)]
    assert (tokens[0] == tokens[1]) == (one == other)


@given(any_text)
def test_arbitrary_text_is_judged_without_an_exception(text):
    assert not is_opaque_token(OpaqueKind.REFRESH_TOKEN, text)
    assert not is_opaque_token(OpaqueKind.CLIENT_SECRET, "ids_" + text)
    assert len(digest(text)) == 32
    assert repr(Secret(text)) == "Secret(...)"
