"""The judge finds tokens that outlive their end, die for no reason, or are told of wrongly, and nothing else."""

import pytest

from tests.model.by_hand import (
    CLIENT,
    FORGOT,
    LATE,
    NO_REASON,
    SIGN_IN,
    USER,
    ByHand,
    Histories,
    Lines,
    do,
    rules_broken,
    written,
)
from tests.model.history import ACTIVE, INACTIVE, LOST, UNAUTHORIZED, UNAVAILABLE
from tests.model.judge import violations

OLD_NAME = "an old name was told"
BY_NAME: dict[str, str] = {"user": USER, "client": CLIENT, "username": USER}
NEW_NAME = BY_NAME | {"username": "alina"}
RENAMED = do("call", "rename_user", 1.0, user=USER, username="alina")
OFF = do("deactivate", 1.0)
ON = do("call", "activate_user", 2.0, user=USER)

CLIENT_OFF = do("call", "deactivate_client", 1.0, client=CLIENT)
ALL_OFF = do("call", "revoke_everything", 1.0)
ITS_OWN = {"client": CLIENT, "user": None, "username": None}

HISTORIES: Histories = {
    "a live token is active": (None, [SIGN_IN, do("ask", 1.0, ACTIVE)]),
    "a live token is inactive": (NO_REASON, [SIGN_IN, do("ask", 1.0, INACTIVE)]),
    "a revoked token is inactive at once": (None, [SIGN_IN, do("revoke", 1.0), do("ask", 1.02, INACTIVE)]),
    "its own process calls it active": (FORGOT, [SIGN_IN, do("revoke", 1.0), do("ask", 1.02, ACTIVE)]),
    "another process calls it active within the second": (
        None,
        [SIGN_IN, do("revoke", 1.0), do("ask", 2.0, ACTIVE, at="2")],
    ),
    "another process calls it active after the second": (
        LATE,
        [SIGN_IN, do("revoke", 1.0), do("ask", 2.02, ACTIVE, at="2")],
    ),
    "another worker of the same server may lag": (
        None,
        [SIGN_IN, do("revoke", 1.0, at="3:1"), do("ask", 1.5, ACTIVE, at="3:2")],
    ),
    "the same worker may not": (
        FORGOT,
        [SIGN_IN, do("revoke", 1.0, at="3:1"), do("ask", 1.5, ACTIVE, at="3:1")],
    ),
    "asked before the answer to the ending": (
        None,
        [SIGN_IN, do("revoke", 1.0, to=3.0), do("ask", 2.9, ACTIVE)],
    ),
    "a revocation that was not answered may have been carried out": (
        None,
        [
            do("fault", "database cut", 0.5, 2.0),
            SIGN_IN,
            do("revoke", 1.0, UNAVAILABLE),
            do("ask", 9.0, INACTIVE),
        ],
    ),
    "or may not": (
        None,
        [
            do("fault", "database cut", 0.5, 2.0),
            SIGN_IN,
            do("revoke", 1.0, LOST, to=2.0),
            do("ask", 9.0, ACTIVE),
        ],
    ),
    "but what was found dead stays dead": (
        LATE,
        [
            *(do("fault", "database cut", 0.5, 2.0), SIGN_IN, do("revoke", 1.0, UNAVAILABLE)),
            *(do("ask", 3.0, INACTIVE, at="2"), do("ask", 4.2, ACTIVE)),
        ],
    ),
    "what was not answered long ago excuses no new token's death": (
        NO_REASON,
        [
            *(do("fault", "database cut", 0.0, 1.0), do("deactivate", 0.0, UNAVAILABLE)),
            *(do("sign_in", 10.0), do("ask", 11.0, INACTIVE)),
        ],
    ),
    "another client's revocation changes nothing": (
        NO_REASON,
        [SIGN_IN, do("revoke", 1.0, client="stranger"), do("ask", 3.0, INACTIVE)],
    ),
    "revoking a refresh token ends its access tokens": (
        LATE,
        [SIGN_IN, do("revoke", 1.0, token="refresh"), do("ask", 3.0, ACTIVE, at="2")],
    ),
    "revoking an access token does not end its refresh token": (
        NO_REASON,
        [SIGN_IN, do("revoke", 1.0), do("ask", 3.0, INACTIVE, "refresh")],
    ),
    "deactivation ends the token": (LATE, [SIGN_IN, OFF, do("ask", 3.0, ACTIVE, at="2")]),
    "also after reactivation": (LATE, [SIGN_IN, OFF, ON, do("ask", 4.0, ACTIVE, at="2")]),
    "but not a token from after it": (
        NO_REASON,
        [OFF, ON, do("sign_in", 3.0), do("ask", 4.0, INACTIVE)],
    ),
    "a sign-in beside a deactivation goes either way": (
        None,
        [
            do("deactivate", 0.0, to=1.0),
            do("sign_in", 0.5, to=0.9),
            do("ask", 5.0, INACTIVE),
            do("ask", 6.0, INACTIVE),
        ],
    ),
    "and lives on if it lived": (
        None,
        [do("deactivate", 0.0, to=1.0), do("sign_in", 0.5, to=0.9), do("ask", 5.0, ACTIVE)],
    ),
    "somebody without a right is told": (
        "active to whom it must not be",
        [SIGN_IN, do("ask", 1.0, ACTIVE, client="stranger")],
    ),
    "a resource server is told": (None, [SIGN_IN, do("ask", 1.0, ACTIVE, client="resource")]),
    "but not of refresh tokens": (
        "active to whom it must not be",
        [SIGN_IN, do("ask", 1.0, ACTIVE, "refresh", client="resource")],
    ),
    "a forged token is active": ("active to whom it must not be", [do("ask", 1.0, ACTIVE, "forged")]),
    "a forged token is inactive": (None, [do("ask", 1.0, INACTIVE, "forged")]),
    "a wrong owner is told": (
        "an active answer is wrong",
        [SIGN_IN, do("ask", 1.0, ACTIVE, told=BY_NAME | {"client": "stranger"})],
    ),
    "the old name within the second": (
        None,
        [SIGN_IN, RENAMED, do("ask", 1.9, ACTIVE, told=BY_NAME, at="2")],
    ),
    "the old name after it": (OLD_NAME, [SIGN_IN, RENAMED, do("ask", 2.1, ACTIVE, told=BY_NAME, at="2")]),
    "the old name at its own process": (OLD_NAME, [SIGN_IN, RENAMED, do("ask", 1.1, ACTIVE, told=BY_NAME)]),
    "the new name too early": (OLD_NAME, [SIGN_IN, do("ask", 0.5, ACTIVE, told=NEW_NAME), RENAMED]),
    "the new name": (None, [SIGN_IN, RENAMED, do("ask", 2.1, ACTIVE, told=NEW_NAME)]),
    "a client's own token, made where its end was news, is dead": (
        None,
        [CLIENT_OFF, do("fetch", 1.9, at="2"), do("ask", 3.0, INACTIVE, "own", client="resource")],
    ),
    "a client's own token, made where its end was news, lives as long as it is": (
        None,
        [
            CLIENT_OFF,
            do("fetch", 1.5, at="2"),
            do("ask", 1.9, ACTIVE, "own", client="resource", told=ITS_OWN, at="2"),
        ],
    ),
    "a client's own token, made where its end was news, lives": (
        "a token of an inactive client lives",
        [
            CLIENT_OFF,
            do("fetch", 1.9, at="2"),
            do("ask", 3.0, ACTIVE, "own", client="resource", told=ITS_OWN),
        ],
    ),
    "a client's own token, made long after everything was revoked, is dead": (
        NO_REASON,
        [ALL_OFF, do("fetch", 2.1, at="2"), do("ask", 3.0, INACTIVE, "own")],
    ),
    "a client's own token, made where everything was revoked, is dead": (
        NO_REASON,
        [ALL_OFF, do("fetch", 1.5), do("ask", 3.0, INACTIVE, "own")],
    ),
    "a client's own token, made where that was news, is dead": (
        None,
        [ALL_OFF, do("fetch", 1.5, at="2"), do("ask", 3.0, INACTIVE, "own")],
    ),
    "a person's token, made where that was news, is dead": (
        NO_REASON,
        [ALL_OFF, do("sign_in", 1.5, at="2"), do("ask", 3.0, INACTIVE)],
    ),
    "our own API takes a dead token": (
        LATE,
        [SIGN_IN, OFF, do("call", "whoami", 2.1, bearer="access", told={"username": USER}, at="2")],
    ),
    "our own API refuses a live one": (
        NO_REASON,
        [SIGN_IN, do("call", "whoami", 2.1, UNAUTHORIZED, bearer="access")],
    ),
}


@pytest.mark.parametrize(("rule", "lines"), written(HISTORIES))
def test_s5_a_history_of_endings(rule: str | None, lines: Lines) -> None:
    assert rules_broken(lines) == ({rule} if rule else set())


@pytest.mark.parametrize(("moment", "broken"), [(4.9, False), (5.1, True)])
def test_a_token_is_active_until_its_exp_and_not_after_it(moment: float, broken: bool) -> None:
    hand = ByHand()
    hand.sign_in(told={"access": "access", "expires": 5.0})
    hand.ask(moment, ACTIVE)
    assert [found.rule for found in violations(hand.history)] == ["a token lives after it ran out"] * broken
