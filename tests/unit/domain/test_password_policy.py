"""Which passwords can be set."""

import pytest

from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.context_words import context_words
from identity_service.domain.services.password_policy import PasswordPolicy, Unfit
from identity_service.domain.value_objects.secret import Secret

# One letter, composed and decomposed.
COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"
POLICY = PasswordPolicy()
WORDS = context_words("alice", "Alice.Smith@mail.example", "Alice Smith-Jones")


@pytest.mark.parametrize(
    "password",
    ["12345678", "a" * 1024, "pass word", "\0" * 8, "🔑" * 8, "        "],
    ids=["8 characters", "1024 characters", "a space", "NUL counts", "beyond the BMP", "spaces only"],
)
def test_protocol_s7_no_composition_is_asked_for(password: str) -> None:
    assert POLICY.formed(Secret(password)) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", Unfit.SHORT),
        ("1234567", Unfit.SHORT),
        ("a" * 1025, Unfit.LONG),
        ("a" * 10_000_000, Unfit.LONG),
        (COMPOSED * 7, Unfit.SHORT),
        (DECOMPOSED * 7, Unfit.SHORT),
        ("\ud800" * 8, Unfit.MALFORMED),
    ],
    ids=["empty", "7", "1025", "megabytes", "7 composed", "7 decomposed", "half surrogate pairs"],
)
def test_protocol_s7_other_passwords_are_refused(password: str, reason: Unfit) -> None:
    with pytest.raises(Unacceptable) as refused:
        POLICY.formed(Secret(password), member="new")

    assert (refused.value.faults[0].member, refused.value.faults[0].reason) == ("new", reason)


def test_rfc8265_s4_2_passwords_are_counted_and_kept_in_nfc() -> None:
    assert POLICY.formed(Secret(DECOMPOSED * 8)) == COMPOSED * 8
    assert POLICY.formed(Secret(DECOMPOSED * 1024)) == COMPOSED * 1024


def test_more_characters_can_be_asked_for() -> None:
    longer = PasswordPolicy(fewest=15)
    assert longer.formed(Secret("x" * 15))
    with pytest.raises(Unacceptable, match="at least 15 characters"):
        longer.formed(Secret("x" * 14))


@pytest.mark.parametrize(
    "password",
    ["alice1234567", "ALICE.smith!", "SmithAlice2026", "Jones & Smith", "aliceALICEalice", "ＡＬＩＣＥ!!1"],
    ids=["a name and digits", "before the @", "two names", "parts of one", "repeated", "full width"],
)
def test_sp800_63b_s3_1_1_2_a_password_made_of_the_account_is_refused(password: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        POLICY.check_words(password, WORDS)

    assert refused.value.faults[0].reason == Unfit.PERSONAL
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    ["alice likes long walks", "bob1234567", "abc"],
    ids=["enough besides", "of somebody else", "no word in it, which length judges"],
)
def test_sp800_63b_s3_1_1_2_a_word_of_the_account_may_be_in_it(password: str) -> None:
    POLICY.check_words(password, WORDS)


def test_the_parts_of_names_and_addresses_are_words_and_short_ones_are_not() -> None:
    assert context_words("Al.Bo-Chi_Dora@mail.example", None, "") == {
        *("al.bo-chi_dora@mail.example", "al.bo-chi_dora", "albochidora", "albochidoramailexample"),
        *("dora", "mail", "example"),
    }
