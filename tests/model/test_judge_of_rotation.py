"""The judge finds refresh tokens that are spent twice, or refused for no reason; and nothing in what is allowed."""

import pytest

from tests.model.by_hand import (
    FORGOT,
    LATE,
    NO_REASON,
    SIGN_IN,
    ByHand,
    Histories,
    Lines,
    do,
    rules_broken,
    written,
)
from tests.model.history import ACTIVE, DONE, INACTIVE, LOST, REFUSED
from tests.model.judge import violations

ROTATED = do("refresh", 1.0, DONE, to_token="refresh2")

HISTORIES: Histories = {
    "a rotation": (
        None,
        [SIGN_IN, ROTATED, do("ask", 2.0, ACTIVE, "refresh2"), do("ask", 2.0, INACTIVE, "refresh")],
    ),
    "a spent token is active": (
        "a spent refresh token is active",
        [SIGN_IN, ROTATED, do("ask", 1.1, ACTIVE, "refresh")],
    ),
    "the same successor within the grace": (
        None,
        [SIGN_IN, ROTATED, do("refresh", 2.0, DONE, to_token="refresh2", at="2")],
    ),
    "another successor": (
        "a refresh token has two successors",
        [SIGN_IN, ROTATED, do("refresh", 1.0, DONE, to_token="refresh3", at="2")],
    ),
    "the same successor after the grace": (
        "a spent token was taken after its grace",
        [SIGN_IN, ROTATED, do("refresh", 3.2, DONE, to_token="refresh2")],
    ),
    "a refusal after the grace": (None, [SIGN_IN, ROTATED, do("refresh", 3.2, REFUSED)]),
    "a refusal within the grace": (NO_REASON, [SIGN_IN, ROTATED, do("refresh", 2.0, REFUSED)]),
    "a refusal of an unspent token": (NO_REASON, [SIGN_IN, do("refresh", 1.0, REFUSED)]),
    "two refusals do not excuse each other": (
        NO_REASON,
        [SIGN_IN, do("refresh", 1.0, REFUSED), do("refresh", 1.0, REFUSED, at="2")],
    ),
    "a refusal after a refresh that was not answered": (
        None,
        [
            do("fault", "process stopped", 0.5, 2.0),
            SIGN_IN,
            do("refresh", 1.0, LOST, to=2.0),
            do("refresh", 9.0, REFUSED),
        ],
    ),
    "the successor was used, and the old one is taken again": (
        "a replay was answered",
        [
            *(SIGN_IN, ROTATED, do("refresh", 1.1, DONE, "refresh2", "refresh3")),
            do("refresh", 1.2, DONE, to_token="refresh2"),
        ],
    ),
    "a replay ends the family at its process": (
        FORGOT,
        [SIGN_IN, ROTATED, do("refresh", 4.0, REFUSED), do("ask", 4.1, ACTIVE)],
    ),
    "a replay ends the family everywhere": (
        LATE,
        [SIGN_IN, ROTATED, do("refresh", 4.0, REFUSED), do("ask", 5.1, ACTIVE, at="2")],
    ),
    "a refresh of a family that is over": (
        LATE,
        [SIGN_IN, do("revoke", 1.0, token="refresh"), do("refresh", 1.1, DONE, to_token="refresh2", at="2")],
    ),
    "another client's refresh": (
        "another client's refresh token was taken",
        [SIGN_IN, do("refresh", 1.0, DONE, to_token="refresh2", client="stranger")],
    ),
    "another client's refresh spends nothing": (
        NO_REASON,
        [SIGN_IN, do("refresh", 1.0, REFUSED, client="stranger"), do("refresh", 5.0, REFUSED)],
    ),
}


@pytest.mark.parametrize(("rule", "lines"), written(HISTORIES))
def test_s4_a_history_of_rotations(rule: str | None, lines: Lines) -> None:
    assert rules_broken(lines) == ({rule} if rule else set())


def test_s4_without_a_grace_a_spent_token_is_taken_by_nobody() -> None:
    hand = ByHand(grace=0)
    hand.sign_in()
    hand.refresh(1.0, DONE, to_token="refresh2")
    hand.refresh(1.0, REFUSED, at="2")
    assert not violations(hand.history)
    hand.refresh(1.0, DONE, to_token="refresh2", at="3")
    assert {found.rule for found in violations(hand.history)} >= {"a spent token was taken without a grace"}
