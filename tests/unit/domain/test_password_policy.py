"""Which passwords can be set."""

import pytest

from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.password_policy import acceptable_password
from identity_service.domain.value_objects.secret import Secret

# One letter, composed and decomposed.
COMPOSED, DECOMPOSED = "\u00e9", "e\u0301"


@pytest.mark.parametrize(
    "password",
    ["12345678", "a" * 1024, "pass word", "\0" * 8, "🔑" * 8, "        "],
    ids=["8 characters", "1024 characters", "a space", "NUL counts", "beyond the BMP", "spaces only"],
)
def test_protocol_s7_length_is_all_that_counts(password: str) -> None:
    assert acceptable_password(Secret(password)) == password


@pytest.mark.parametrize(
    "password",
    ["", "1234567", "a" * 1025, "a" * 10_000_000, COMPOSED * 7, DECOMPOSED * 7, "\ud800" * 8],
    ids=["empty", "7", "1025", "megabytes", "7 composed", "7 decomposed", "half surrogate pairs"],
)
def test_protocol_s7_other_passwords_are_refused(password: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        acceptable_password(Secret(password), member="new")

    assert refused.value.faults[0].member == "new"


def test_rfc8265_s4_2_passwords_are_counted_and_kept_in_nfc() -> None:
    assert acceptable_password(Secret(DECOMPOSED * 8)) == COMPOSED * 8
    assert acceptable_password(Secret(DECOMPOSED * 1024)) == COMPOSED * 1024
