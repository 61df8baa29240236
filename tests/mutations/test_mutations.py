"""Every check that an attack meets is missed when it is taken away: some test of the attack fails then.

The list is long and each trial is a run of pytest, so all of it is for `--all`. That its patches and its tests still
exist, and that a trial tells what it sees, is looked at every time.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from identity_service.domain.value_objects import secret
from tests.mutations.catalogue import CHECKOUT, Stale, check_tests, mutations
from tests.mutations.trial import (
    CAUGHT,
    NOT_LOADED,
    PASSED,
    SURVIVED,
    WRONG_REASON,
    Outcome,
    Witness,
    verdict,
)

ALL = {mutation.name: mutation for mutation in mutations()}
BY_DEFAULT = ("pkce-verifier-of-another",)
AT_ONCE = 40
"""Tests in one run without a patch."""
TEST = "tests/unit/a.py::test_a"
Ask = Callable[[Any], Outcome]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """`ask(name)` takes one check away; `ask([test, …])` runs tests as they are."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.mutations", "--serve"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    questions, answers = server.stdin, server.stdout
    assert questions is not None
    assert answers is not None

    def asked(question: Any) -> Outcome:
        questions.write(json.dumps(question) + "\n")
        questions.flush()
        return Outcome(*json.loads(answers.readline()))

    yield asked
    questions.close()
    answers.close()
    assert server.wait() == 0


@pytest.mark.parametrize("name", ALL)
def test_a_patch_fits_once_and_its_tests_exist(name: str) -> None:
    ALL[name].patched()
    check_tests(ALL[name])


@pytest.mark.parametrize(
    "name", [name if name in BY_DEFAULT else pytest.param(name, marks=pytest.mark.all) for name in ALL]
)
def test_without_this_check_an_attack_is_noticed(name: str, ask: Ask) -> None:
    outcome, detail = ask(name)
    assert outcome == CAUGHT, detail


TESTS = sorted({test for mutation in ALL.values() for test in mutation.tests})


@pytest.mark.all
@pytest.mark.parametrize("at", range(0, len(TESTS), AT_ONCE))
def test_with_every_check_the_same_tests_pass(at: int, ask: Ask) -> None:
    outcome, detail = ask(TESTS[at : at + AT_ONCE])
    assert outcome == PASSED, detail


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"old": "no line of ours"}, "stands 0 times"),
        ({"old": "\n"}, "not once"),
        ({"new": "if"}, "no Python"),
    ],
    ids=["a patch that fits nowhere", "a patch that fits twice", "a patch that is no Python"],
)
def test_a_stale_patch_is_refused(change: dict[str, str], why: str) -> None:
    with pytest.raises(Stale, match=why):
        replace(ALL["pkce-plain"], **change).patched()


@pytest.mark.parametrize("test", ["tests/nowhere.py::test_a", "tests/unit/domain/test_pkce.py::test_nothing"])
def test_a_test_that_does_not_exist_is_refused(test: str) -> None:
    with pytest.raises(Stale, match="there is no test"):
        check_tests(replace(ALL["pkce-plain"], tests=(test,)))


def test_the_place_of_a_patch_is_told() -> None:
    assert ALL["pkce-plain"].place() == "parse_challenge"
    assert ALL["own-api-for-any-audience"].place() == "AuthenticateBearer.__call__"


def seen(**what: Any) -> Witness:
    witness = Witness()
    for name, value in what.items():
        getattr(witness, name).update(value)
    return witness


@pytest.mark.parametrize(
    ("witness", "loaded", "outcome"),
    [
        (seen(asserted={TEST: ["said"]}), True, CAUGHT),
        (seen(passed={TEST}), True, SURVIVED),
        (seen(), True, SURVIVED),
        (seen(asserted={TEST: ["said"]}), False, NOT_LOADED),
        (seen(asserted={TEST: ["said"]}, broke={TEST: "in its setup"}), True, WRONG_REASON),
        (
            seen(asserted={TEST: ["said"], "tests/mutations/test_still_serves.py::t": ["500"]}),
            True,
            WRONG_REASON,
        ),
    ],
    ids=[
        "its test says no",
        "its test passes",
        "its test did not run",
        "nobody imported the module",
        "something else breaks",
        "the server does nothing any more",
    ],
)
def test_only_a_test_that_says_no_has_noticed(witness: Witness, loaded: bool, outcome: str) -> None:
    assert verdict([TEST], witness, loaded=loaded).outcome == outcome


def raised(attempt: Callable[[], object]) -> "pytest.ExceptionInfo[BaseException]":
    with pytest.raises((Exception, BaseExceptionGroup, pytest.fail.Exception)) as found:
        attempt()
    return found


def _asserts() -> None:
    assert {}["error"] == "invalid_grant"  # as the answer to an attack that succeeds


def _asserts_with_help() -> None:
    assert _error_of({}) == "invalid_grant"


def _error_of(answer: dict[str, str]) -> str:
    return answer["error"]


def _asserts_of_a_failure() -> None:
    assert secret.opaque_token(secret.OpaqueKind.SESSION, b"") is None


def _comes_to_grief() -> None:
    _ = {}["error"]


def _two_findings() -> None:
    raise BaseExceptionGroup("of Hypothesis", [AssertionError(), AssertionError()])


def _two_failures() -> None:
    raise BaseExceptionGroup("of something", [AssertionError(), OSError()])


@pytest.mark.parametrize(
    ("attempt", "says_no"),
    [
        (_asserts, True),
        (_asserts_with_help, True),
        (_asserts_of_a_failure, False),
        (_comes_to_grief, False),
        (lambda: pytest.fail("no"), True),
        (lambda: json.loads("{"), False),
        (_two_findings, True),
        (_two_failures, False),
    ],
)
def test_grief_is_no_finding(attempt: Callable[[], object], says_no: bool) -> None:
    from tests.mutations.trial import is_an_assertion

    assert is_an_assertion(raised(attempt)) is says_no
