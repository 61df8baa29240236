"""Whom the demo remembers, and for how long."""

import pytest

from identity_service.demo.provider import Attempt
from identity_service.demo.visits import IDLE_SECONDS, MOST_ATTEMPTS, MOST_VISITS, Visits


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def attempt(state: str) -> Attempt:
    return Attempt(url="https://id.example", state=state, nonce="n", verifier="v")


def test_a_visit_is_found_under_its_cookie_and_under_no_other() -> None:
    visits = Visits()
    key, visit = visits.start()

    assert visits.get(key) is visit
    assert visits.get(None) is visits.get("") is visits.get(key + "x") is None


def test_another_cookie_takes_the_place_of_the_former_one() -> None:
    visits = Visits()
    before, _ = visits.start()

    after, visit = visits.start(instead_of=before)

    assert after != before
    assert visits.get(before) is None
    assert visits.get(after) is visit


def test_who_was_away_for_long_is_forgotten() -> None:
    clock = Clock()
    visits = Visits(clock=clock)
    key, visit = visits.start()
    clock.now = IDLE_SECONDS
    assert visits.get(key) is visit

    clock.now = 2 * IDLE_SECONDS + 1

    assert visits.get(key) is None


def test_attack_35_strangers_do_not_fill_the_memory() -> None:
    visits = Visits()
    keys = [visits.start()[0] for _ in range(MOST_VISITS + 1)]

    assert visits.get(keys[0]) is None
    assert visits.get(keys[1]) is not None


def test_a_sign_in_is_answered_once_and_the_latest_tabs_count() -> None:
    _, visit = Visits().start()
    for number in range(MOST_ATTEMPTS + 1):
        visit.begin(attempt(str(number)))

    assert visit.began("0") is None
    assert visit.began("1") == attempt("1")
    assert visit.began("1") is None


@pytest.mark.parametrize("wrong", [None, "", "x", 7])
def test_a_form_without_the_token_of_its_page_is_refused(wrong: object) -> None:
    _, visit = Visits().start()

    assert visit.posted(visit.csrf)
    assert not visit.posted(wrong)


def test_coming_back_from_the_provider_counts_once() -> None:
    _, visit = Visits().start()
    assert not visit.left(None)
    visit.leaving = "state"

    assert visit.left("state")
    assert not visit.left("state")
