"""Which form counts: one of a page that this server gave to this browser, for this interaction."""

import pytest

from identity_service.domain.value_objects.secret import Secret
from identity_service.web.csrf import ForeignForm, check, token_for

KEY = Secret("a browser's key")
GOOD = token_for(KEY, "an interaction")
FOREIGN: dict[str, tuple[str | None, Secret | None, str]] = {
    "without a token": (None, KEY, "an interaction"),
    "with an empty token": ("", KEY, "an interaction"),
    "with another token": (GOOD[:-1] + ("A" if GOOD[-1] != "A" else "B"), KEY, "an interaction"),
    "with half a token": (GOOD[: len(GOOD) // 2], KEY, "an interaction"),
    "with the token in capitals": (GOOD.upper(), KEY, "an interaction"),
    "with what is no ASCII": ("ä" * 43, KEY, "an interaction"),
    "with half a surrogate pair": ("\ud800", KEY, "an interaction"),
    "of another interaction": (token_for(KEY, "another"), KEY, "an interaction"),
    "of another browser": (token_for(Secret("another"), "an interaction"), KEY, "an interaction"),
    "without a cookie": (GOOD, None, "an interaction"),
    "without a cookie, with the token of no cookie": (
        token_for(None, "an interaction"),
        None,
        "an interaction",
    ),
    "with an empty cookie's token": (token_for(Secret(""), "an interaction"), None, "an interaction"),
}


def test_the_form_of_a_page_counts() -> None:
    check(GOOD, KEY, "an interaction")
    check(token_for(KEY, "\ud800"), KEY, "\ud800")


@pytest.mark.parametrize(("given", "key", "purpose"), FOREIGN.values(), ids=FOREIGN)
def test_a_form_does_not_count_that_comes(given: str | None, key: Secret | None, purpose: str) -> None:
    with pytest.raises(ForeignForm):
        check(given, key, purpose)


def test_the_token_gives_away_nothing_of_the_cookie() -> None:
    assert KEY.reveal() not in GOOD
    assert len(GOOD) == 43
