"""Checking a password never raises, whatever was typed and whatever is stored (PROTOCOL §7)."""

from hypothesis import given
from hypothesis import strategies as st

from identity_service.adapters.crypto.bcrypt_hasher import BcryptHasher
from identity_service.adapters.crypto.password_hasher import PasswordSchemes
from identity_service.adapters.crypto.prehash import NO_PEPPER, prehash

SCHEMES = PasswordSchemes(BcryptHasher(cost=4))
STORED = SCHEMES.hash("word")

any_text = st.text(st.characters(codec=None, exclude_categories=()))
prefixes = [
    "",
    "$2b$",
    "$2b$04$",
    "$argon2id$v=19$m=8,t=1,p=1$",
    "pbkdf2_sha256$1$",
    "$identity$v=1,pepper=none$",
]


@given(any_text, st.sampled_from(prefixes), any_text)
def test_arbitrary_stored_text_matches_nothing_and_never_raises(password, prefix, rest):
    assert not SCHEMES.check(password, prefix + rest).matches


@given(st.integers(0, len(STORED)), st.integers(0, 6), any_text)
def test_a_spliced_stored_hash_never_raises_and_a_wrong_password_never_matches(start, size, piece):
    assert not SCHEMES.check("wrong", STORED[:start] + piece + STORED[start + size :]).matches


@given(any_text.filter(lambda password: password != "word"))
def test_another_password_never_matches(password):
    assert not SCHEMES.check(password, STORED).matches


@given(any_text)
def test_the_prehash_of_any_password_fits_bcrypt_and_has_no_nul(password):
    hashed = prehash(password, NO_PEPPER)
    assert len(hashed) == 64
    assert b"\0" not in hashed
