"""A new password is judged by each rule in turn, and none of them tells anything of it."""

import logging
from collections.abc import Collection
from hashlib import sha1

import pytest

from identity_service.application.use_cases.users.accept_password import AcceptPassword
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.password_policy import PasswordPolicy, Unfit
from identity_service.domain.value_objects.secret import Secret
from identity_service.ports.passwords import Appraisal, RangeUnavailable

PASSWORD = "sieben Zwerge im Garten"
FINE = Appraisal(common=False, score=4)


def digest_of(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


class Appraiser:
    """Finds what it is told to, and keeps what it was given."""

    def __init__(self, found: Appraisal) -> None:
        self._found = found
        self.words: frozenset[str] = frozenset()
        self.address: str | None = None

    async def __call__(self, password: str, *, words: Collection[str], address: str | None) -> Appraisal:
        self.words, self.address = frozenset(words), address
        return self._found


class Ranges:
    """Knows these passwords; without any it cannot be reached."""

    def __init__(self, *passwords: str) -> None:
        self._digests = [digest_of(each) for each in passwords]
        self.asked: list[str] = []

    async def suffixes(self, prefix: str) -> list[str]:
        self.asked.append(prefix)
        if not self._digests:
            raise RangeUnavailable("nobody answers")
        return [digest[5:] for digest in self._digests if digest[:5] == prefix]


def judge(found: Appraisal = FINE, *, breaches: Ranges | None = None, least: int = 3) -> AcceptPassword:
    policy = PasswordPolicy(least_score=least)
    return AcceptPassword(policy=policy, appraise=Appraiser(found), breaches=breaches, site_words=["gardens"])


async def refused(
    accept: AcceptPassword, password: str = PASSWORD, about: tuple[str, ...] = ()
) -> str | None:
    with pytest.raises(Unacceptable) as refusal:
        await accept(Secret(password), about=about, address=None)
    assert password not in str(refusal.value)
    return refusal.value.faults[0].reason


async def test_what_nothing_speaks_against_is_taken() -> None:
    accept = judge(breaches=Ranges("another one"))
    assert await accept(Secret(PASSWORD), about=["alice"], address="192.0.2.1") == PASSWORD


@pytest.mark.parametrize(
    ("found", "least", "reason"),
    [
        (Appraisal(common=True, score=4), 3, Unfit.COMMON),
        (Appraisal(common=True, score=4), 0, Unfit.COMMON),
        (Appraisal(common=False, score=2), 3, Unfit.WEAK),
        (Appraisal(common=False, score=3), 4, Unfit.WEAK),
    ],
    ids=["common", "common, whatever strength is asked for", "a score too low", "one that was enough for 3"],
)
async def test_a_common_or_weak_password_is_refused(found: Appraisal, least: int, reason: Unfit) -> None:
    assert await refused(judge(found, least=least)) == reason


@pytest.mark.parametrize("score", [3, 4])
async def test_the_least_score_is_enough(score: int) -> None:
    accept = judge(Appraisal(common=False, score=score))
    assert await accept(Secret(PASSWORD), about=(), address=None)


async def test_length_and_words_are_judged_before_anything_costs_time() -> None:
    assert await refused(judge(), "short") == Unfit.SHORT
    assert await refused(judge(), "Gardens 2026!") == Unfit.PERSONAL
    assert await refused(judge(), "bobette 2026!", ("bobette",)) == Unfit.PERSONAL


async def test_whoever_estimates_hears_of_the_words_and_the_address() -> None:
    appraiser = Appraiser(FINE)
    accept = AcceptPassword(
        policy=PasswordPolicy(), appraise=appraiser, breaches=None, site_words=["gardens"]
    )
    await accept(Secret(PASSWORD), about=["alice"], address="192.0.2.1")
    assert (appraiser.words, appraiser.address) == ({"gardens", "alice"}, "192.0.2.1")


async def test_a_breached_password_is_refused_and_five_digits_are_all_that_is_asked_with() -> None:
    ranges = Ranges(PASSWORD)
    assert await refused(judge(breaches=ranges)) == Unfit.BREACHED
    assert ranges.asked == [digest_of(PASSWORD)[:5]]


async def test_where_breaches_cannot_be_looked_up_the_password_is_taken_and_that_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await judge(breaches=Ranges())(Secret(PASSWORD), about=(), address=None) == PASSWORD
    assert "cannot be looked up" in caplog.text
    assert PASSWORD not in caplog.text
