"""The judge finds callers that are served or refused against the rules, and silence; and nothing in what is allowed."""

import pytest

from tests.model.by_hand import CLIENT, Histories, Lines, do, rules_broken, written
from tests.model.history import INACTIVE, ODD, REFUSED, UNAUTHORIZED, UNAVAILABLE


def rotations(number: int) -> Lines:
    """So many, each with an overlap."""
    return [
        do("call", "rotate_secret", moment, client=CLIENT, overlap=60, told={"secret": f"{moment}"})
        for moment in range(1, number + 1)
    ]


HISTORIES: Histories = {
    "503 while the database is away": (
        None,
        [do("fault", "database hold", 0.0, 2.0), do("ask", 1.0, UNAVAILABLE, "x")],
    ),
    "503 long after it was": (
        "no answer without a reason",
        [do("fault", "database hold", 0.0, 2.0), do("ask", 6.0, UNAVAILABLE, "x")],
    ),
    "503 at another server": (
        "no answer without a reason",
        [do("fault", "database hold", 0.0, 2.0), do("ask", 1.0, UNAVAILABLE, "x", at="2")],
    ),
    "503 while Redis is away": (
        "no answer without a reason",
        [do("fault", "redis paused", 0.0, 2.0, "everywhere"), do("ask", 1.0, UNAVAILABLE, "x")],
    ),
    "500": ("an answer of no promised kind", [do("ask", 1.0, ODD, "x", told={"status": 500})]),
    "a client that nothing ended is refused": (
        "a client was refused that nothing had ended",
        [do("ask", 1.0, UNAUTHORIZED, "x")],
    ),
    "an inactive client is served within the second": (
        None,
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("ask", 1.9, INACTIVE, "x", at="2")],
    ),
    "an inactive client gets its own token within the second": (
        None,
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("fetch", 1.9, at="2")],
    ),
    "an inactive client gets its own token": (
        "a client was served that is inactive",
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("fetch", 2.1, at="2")],
    ),
    "an inactive client gets its own token where it was deactivated": (
        "a client was served that is inactive",
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("fetch", 1.1)],
    ),
    "a person signs in at a client that is inactive": (
        "a client was served that is inactive",
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("sign_in", 1.5, at="2")],
    ),
    "an inactive client is served": (
        "a client was served that is inactive",
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("ask", 2.1, INACTIVE, "x", at="2")],
    ),
    "an inactive client is refused": (
        None,
        [do("call", "deactivate_client", 1.0, client=CLIENT), do("ask", 2.1, UNAUTHORIZED, "x", at="2")],
    ),
    "an old secret within its overlap": (
        None,
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=60, told={"secret": "new"}),
            do("ask", 3.0, INACTIVE, "x"),
        ],
    ),
    "an old secret without one": (
        "a secret was accepted that is over",
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=0, told={"secret": "new"}),
            do("ask", 3.0, INACTIVE, "x"),
        ],
    ),
    "an old secret gets its own token within the second": (
        None,
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=0, told={"secret": "new"}),
            do("fetch", 1.9, at="2"),
        ],
    ),
    "an old secret gets its own token": (
        "a secret was accepted that is over",
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=0, told={"secret": "new"}),
            do("fetch", 2.1, at="2"),
        ],
    ),
    "the last but three": (None, [*rotations(4), do("ask", 9.0, INACTIVE, "x")]),
    "the last but four": (
        "a secret was accepted that is over",
        [*rotations(5), do("ask", 9.0, INACTIVE, "x")],
    ),
    "the last but three is refused": (
        "a client was refused that nothing had ended",
        [*rotations(4), do("ask", 9.0, UNAUTHORIZED, "x")],
    ),
    "the new secret": (
        None,
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=0, told={"secret": "new"}),
            do("ask", 1.1, INACTIVE, "x", secret="new", at="2"),
        ],
    ),
    "the new secret is refused": (
        "a client was refused that nothing had ended",
        [
            do("call", "rotate_secret", 1.0, client=CLIENT, overlap=0, told={"secret": "new"}),
            do("ask", 1.1, UNAUTHORIZED, "x", secret="new", at="2"),
        ],
    ),
    "a wrong password": (
        "somebody was signed in who must not be",
        [do("sign_in", 1.0, password="wrong")],
    ),
    "a wrong password is refused": (None, [do("sign_in", 1.0, REFUSED, password="wrong")]),
    "the right password is refused": ("somebody was not signed in", [do("sign_in", 1.0, REFUSED)]),
    "an inactive person": (
        "somebody was signed in who must not be",
        [do("deactivate", 1.0), do("sign_in", 1.1, at="2")],
    ),
    "a sign-in beside an ending may be refused": (
        None,
        [do("call", "revoke_everything", 1.0, at="cli", to=2.0), do("sign_in", 1.5, REFUSED)],
    ),
}


@pytest.mark.parametrize(("rule", "lines"), written(HISTORIES))
def test_s2_a_history_of_callers(rule: str | None, lines: Lines) -> None:
    assert rules_broken(lines) == ({rule} if rule else set())
