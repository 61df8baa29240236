"""Cursors open the question they were made for and no other."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

from identity_service.adapters.crypto.aes_gcm_sealer import HmacDigest
from identity_service.application.cursors import Cursors, check_limit, check_sort
from identity_service.domain.refusals import Unacceptable

CURSORS = Cursors(HmacDigest(bytes(32)))
QUESTION = {"of": "users", "sort": "username", "active": None}
PLACE = ('ältere "name"', "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e")


def test_a_cursor_leads_back_to_its_place() -> None:
    assert CURSORS.read(QUESTION, CURSORS.make(QUESTION, PLACE)) == PLACE


def test_no_cursor_is_the_beginning() -> None:
    assert CURSORS.read(QUESTION, None) is None


@pytest.mark.parametrize(
    "other",
    [{"of": "clients"}, {"sort": "-username"}, {"active": True}, {"more": None}],
    ids=["listing", "order", "filter", "another filter"],
)
def test_a_cursor_is_bound_to_its_question(other: dict[str, Any]) -> None:
    cursor = CURSORS.make(QUESTION, PLACE)

    with pytest.raises(Unacceptable) as refused:
        CURSORS.read(QUESTION | other, cursor)

    assert refused.value.faults[0].member == "cursor"


def test_a_cursor_of_another_key_is_refused() -> None:
    with pytest.raises(Unacceptable):
        CURSORS.read(QUESTION, Cursors(HmacDigest(b"1" * 32)).make(QUESTION, PLACE))


@pytest.mark.parametrize("at", [0, 15, 16, 30, -1])
def test_a_cursor_with_a_changed_byte_is_refused(at: int) -> None:
    cursor = CURSORS.make(QUESTION, PLACE)
    raw = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[at] ^= 1

    with pytest.raises(Unacceptable):
        CURSORS.read(QUESTION, urlsafe_b64encode(raw).decode())


@pytest.mark.parametrize("cursor", ["", "x", "ä", "\0", "\ud800", "A" * 5000, "===="])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Unacceptable):
        CURSORS.read(QUESTION, cursor)


def test_the_size_and_the_order_of_a_page_have_limits() -> None:
    check_limit(1), check_limit(200), check_sort("-username", ("username",))
    for limit in (0, -1, 201):
        with pytest.raises(Unacceptable):
            check_limit(limit)
    for sort in ("password_hash", "--username", "username,id", ""):
        with pytest.raises(Unacceptable):
            check_sort(sort, ("username",))
