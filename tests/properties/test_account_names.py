"""Account names on arbitrary Unicode: a stable key or a refusal in our words, never another exception."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from identity_service.adapters.names.precis import PrecisNames
from identity_service.domain.value_objects.invalid_name import InvalidName

NAMES = PrecisNames()

hostile = st.text(st.characters(codec=None), max_size=20)
accented = st.text(st.sampled_from("aeoAEO\u0300\u0301\u0308éÉßſİıΣσς\u212a\uff41@.אب1"), max_size=12)
domains = st.sampled_from(("x.example", "bücher.example", "X.EXAMPLE")) | hostile


@given(hostile | accented)
def test_rfc8264_s7_a_username_has_a_key_that_is_its_own_key_or_is_refused(text: str) -> None:
    try:
        username = NAMES.username(text)
    except InvalidName:
        return
    assert username.entered == text
    assert NAMES.username(username.key).key == username.key
    assert unicodedata.is_normalized("NFC", username.key)


@given(hostile | accented | st.builds("{}@{}".format, hostile | accented, domains))
def test_an_address_has_a_key_that_is_its_own_key_or_is_refused(text: str) -> None:
    try:
        email = NAMES.email(text)
    except InvalidName:
        return
    assert email.address == text
    assert NAMES.email(email.key).key == email.key
    assert email.key.rpartition("@")[2].isascii()


@given(accented)
def test_a_normalisation_of_a_name_is_the_same_name(text: str) -> None:
    for form in ("NFC", "NFD"):
        other = unicodedata.normalize(form, text)
        try:
            key = NAMES.username(text).key
            again = NAMES.username(other).key
        except InvalidName:
            continue
        assert key == again
