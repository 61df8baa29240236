"""The page about attacks says what tests and mutation list say, and leaves no family out."""

import subprocess
import sys

import pytest

from scripts import attacks_page, bring_up
from tests.docs.pages import CHECKOUT, read
from tests.mutations.catalogue import mutations

FAMILIES = attacks_page.families()


def test_the_committed_page_is_fresh() -> None:
    assert read("docs/security/attacks.md") == attacks_page.page(), "run `python scripts/attacks_page.py`"


def test_the_families_are_numbered_from_1_to_40() -> None:
    assert [family.number for family in FAMILIES] == list(range(1, 41))


def test_every_family_was_seen_to_fail_without_its_checks_or_is_due() -> None:
    missed = {number for each in mutations() for number in each.attacks}
    due = {family.number for family in FAMILIES if family.due}
    assert missed <= set(range(1, 41))
    assert set(range(1, 41)) - missed <= due


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("test_attack_8_a_late_second_redemption", {8}),
        ("test_attack_13_31_a_token_is_dead_once", {13, 31}),
        ("test_attacks_15_to_20_what_is_no_such_assertion", {15, 16, 17, 18, 19, 20}),
        ("test_attacks_4_and_36_markup_in_a_name_is_a_name", {4, 36}),
        ("test_s2_attack_28_a_short_secret_cannot_be_guessed", {28}),
        ("test_attack_28_100_callers", {28}),
        ("test_attack_35_100_000_parameters_are_refused", {35}),
        ("test_attack_35_and_s6_no_json_body_makes_a_500", {35}),
        ("test_s17_crit_is_refused_whatever_it_says", {17}),
        ("test_36_a_text_changes_nothing_but_text", {36}),
        ("test_a22_a_redirect_is_not_followed", {22}),
        ("test_s12_2_a_refresh_gives_another", set()),
        ("test_s15_8_1_what_a_clause_says", set()),
        ("test_what_is_no_attack", set()),
    ],
)
def test_a_name_says_which_attacks_it_is_about(name: str, numbers: set[int]) -> None:
    assert attacks_page.numbers(name) == numbers


def test_the_check_of_the_page_notices_a_stale_one(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_up, "CHECKOUT", tmp_path)
    assert attacks_page.main(["--check"]) == 1
    assert attacks_page.main([]) == 0
    assert attacks_page.main(["--check"]) == 0


def test_the_script_runs_as_the_page_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/attacks_page.py", "--check"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
