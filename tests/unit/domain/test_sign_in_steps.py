"""Which page is next: every combination of what a client asks for and who is there (OIDC Core §3.1.2.1, §3.1.2.3)."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from identity_service.domain.entities.consent import Consent
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.oauth.authorize_errors import (
    AccountSelectionRequired,
    ConsentRequired,
    LoginRequired,
)
from identity_service.domain.oauth.claims_request import ClaimsRequest
from identity_service.domain.services.sign_in import (
    REFUSED_WITHOUT_A_PAGE,
    Facts,
    Step,
    grantable,
    next_step,
    single_claims,
    somebody_else_signed_in,
)
from identity_service.domain.value_objects.ids import InteractionId, SessionId
from identity_service.domain.value_objects.scope import Scope
from tests.entities import CLIENT, LONG_AGO, REQUEST, SESSION

SCOPE = Scope.parse("openid read")
NOW = LONG_AGO + timedelta(seconds=100)
AGREED = Consent(
    user_id=SESSION.user_id,
    client_id=CLIENT.client_id,
    scope=SCOPE,
    claims=frozenset(),
    updated_at=LONG_AGO,
)


def facts(
    *, request: dict[str, Any] | None = None, steps: dict[str, Any] | None = None, **members: Any
) -> Facts:
    """Somebody signed in 100 seconds ago, has agreed to it all, and the client asks for nothing special."""
    begun = Interaction.begun(InteractionId("an interaction"), replace(REQUEST, **(request or {})))
    made: dict[str, Any] = {
        "interaction": replace(begun, **(steps or {})),
        "client": CLIENT,
        "session": SESSION,
        "subject": None if members.get("session", SESSION) is None else "alice",
        "scope": SCOPE,
        "consent": AGREED,
        "now": NOW,
    }
    return Facts(**(made | members))


def with_steps(**steps: bool) -> dict[str, Any]:
    """Steps that the session which is there has done."""
    return {"session_id": SESSION.id} | steps


PROMPTS = ("", "none", "login", "consent", "select_account", "login consent", "login select_account")
AGES: dict[str, tuple[int | None, bool]] = {
    "no limit": (None, False),
    "long enough": (100, False),
    "too short": (99, True),
    "zero": (0, True),
}
HINTS = {"nobody": (None, False), "the same": ("alice", False), "another": ("bob", True)}
CONSENTS = {"agreed": (AGREED, False), "never": (None, True)}
EVERYTHING = list(product((SESSION, None), PROMPTS, AGES, HINTS, CONSENTS, (False, True)))


def ids(values: Any) -> str:
    session, prompt, age, hint, consent, first_party = values
    return (
        f"{'somebody' if session else 'nobody'} is there, prompt={prompt or 'nothing'}, age {age}, hint {hint}, "
        f"{consent}, {'first' if first_party else 'third'} party"
    )


def first_page_of(values: Any) -> tuple[Step, Step]:
    """What is owed, and what should be."""
    session, prompt, age, hint, consent, first_party = values
    max_age, too_old = AGES[age]
    subject, is_another = HINTS[hint]
    agreed, never = CONSENTS[consent]
    asked = frozenset(prompt.split())
    looked_at = facts(
        request={"prompt": asked, "max_age": max_age, "subject": subject},
        session=session,
        consent=agreed if session else None,
        client=replace(CLIENT, first_party=first_party),
    )
    expected = Step.DONE
    if "consent" in asked or (never and not first_party):
        expected = Step.CONSENT
    if session is None or "login" in asked or too_old or is_another:
        expected = Step.LOGIN
    if session is not None and "select_account" in asked:
        expected = Step.SELECT_ACCOUNT
    return next_step(looked_at), expected


def test_the_first_page_of_a_request() -> None:
    pages = {ids(values): first_page_of(values) for values in EVERYTHING}
    assert {name: page for name, page in pages.items() if page[0] is not page[1]} == {}
    assert len(pages) == len(EVERYTHING) == 672


AFTER: dict[str, tuple[dict[str, Any], dict[str, Any], Step]] = {
    "signing in answers prompt=login": (
        {"request": {"prompt": frozenset({"login"})}},
        {"signed_in": True},
        Step.DONE,
    ),
    "signing in answers an age of zero": ({"request": {"max_age": 0}}, {"signed_in": True}, Step.DONE),
    "signing in chooses the account": (
        {"request": {"prompt": frozenset({"select_account"})}},
        {"signed_in": True},
        Step.DONE,
    ),
    "choosing an account signs nobody in": (
        {"request": {"prompt": frozenset({"select_account", "login"})}},
        {"account_chosen": True},
        Step.LOGIN,
    ),
    "choosing an account makes no session younger": (
        {"request": {"prompt": frozenset({"select_account"}), "max_age": 5}},
        {"account_chosen": True},
        Step.LOGIN,
    ),
    "choosing an account is enough for itself": (
        {"request": {"prompt": frozenset({"select_account"})}},
        {"account_chosen": True},
        Step.DONE,
    ),
    "another account means to sign in": ({}, {"another_account": True}, Step.LOGIN),
    "another account is not asked for twice": (
        {"request": {"prompt": frozenset({"select_account"})}},
        {"another_account": True},
        Step.LOGIN,
    ),
    "agreeing signs nobody in": (
        {"request": {"prompt": frozenset({"login", "consent"})}},
        {"consented": True},
        Step.LOGIN,
    ),
    "signing in is no agreement": (
        {"request": {"prompt": frozenset({"login", "consent"})}},
        {"signed_in": True},
        Step.CONSENT,
    ),
    "agreeing answers prompt=consent": (
        {"request": {"prompt": frozenset({"consent"})}},
        {"consented": True},
        Step.DONE,
    ),
    "agreeing is enough though nothing was kept": ({"consent": None}, {"consented": True}, Step.DONE),
    "everything done is done": (
        {"request": {"prompt": frozenset({"login", "consent", "select_account"}), "max_age": 0}},
        {"signed_in": True, "consented": True},
        Step.DONE,
    ),
}


@pytest.mark.parametrize(("given", "steps", "step"), AFTER.values(), ids=AFTER)
def test_after_a_step(given: dict[str, Any], steps: dict[str, bool], step: Step) -> None:
    assert next_step(facts(steps=with_steps(**steps), **given)) is step


@pytest.mark.parametrize("by", ["nobody", "another session"])
@pytest.mark.parametrize("step", ["signed_in", "account_chosen", "consented"])
def test_a_step_counts_only_for_the_session_that_did_it(step: str, by: str) -> None:
    owed = {"signed_in": "login", "account_chosen": "select_account", "consented": "consent"}[step]
    steps: dict[str, Any] = {step: True, "session_id": None if by == "nobody" else SessionId("another")}
    looked_at = facts(request={"prompt": frozenset({owed})}, steps=steps)

    assert next_step(looked_at) is not Step.DONE


def test_steps_of_a_session_that_has_ended_count_for_nobody() -> None:
    done = with_steps(signed_in=True, consented=True, account_chosen=True)

    assert next_step(facts(steps=done, session=None)) is Step.LOGIN


def test_the_age_of_a_sign_in_may_just_be_reached_but_zero_always_asks() -> None:
    for age, later, step in (
        (100, 100.0, Step.DONE),
        (100, 100.5, Step.LOGIN),
        (1, 0.0, Step.DONE),
        (0, 0.0, Step.LOGIN),
    ):
        looked_at = facts(request={"max_age": age}, now=LONG_AGO + timedelta(seconds=later))
        assert next_step(looked_at) is step, (age, later)


def test_oidc_s3_1_2_1_the_person_who_signs_in_must_be_the_one_that_was_asked_for() -> None:
    wanted = {"subject": "bob"}
    signed_in = with_steps(signed_in=True)

    assert somebody_else_signed_in(facts(request=wanted, steps=signed_in))
    assert not somebody_else_signed_in(facts(request={"subject": "alice"}, steps=signed_in))
    assert not somebody_else_signed_in(facts(steps=signed_in))
    assert not somebody_else_signed_in(facts(request=wanted))
    assert not somebody_else_signed_in(facts(request=wanted, steps={"signed_in": True}))


CLAIMED = ClaimsRequest(id_token=("email",), userinfo=("name",))
COVERED: dict[str, tuple[dict[str, Any], ClaimsRequest, Step]] = {
    "the same": ({}, ClaimsRequest(), Step.DONE),
    "less": ({"scope": Scope.parse("openid")}, ClaimsRequest(), Step.DONE),
    "nothing": ({"scope": Scope()}, ClaimsRequest(), Step.DONE),
    "one scope more": ({"scope": Scope.parse("openid read write")}, ClaimsRequest(), Step.CONSENT),
    "a single claim": ({}, ClaimsRequest(userinfo=("name",)), Step.CONSENT),
    "a single claim for the ID token": ({}, ClaimsRequest(id_token=("email",)), Step.CONSENT),
    "single claims that were agreed to": (
        {"consent": replace(AGREED, claims=frozenset({"name", "email", "locale"}))},
        CLAIMED,
        Step.DONE,
    ),
    "single claims of which one was agreed to": (
        {"consent": replace(AGREED, claims=frozenset({"name"}))},
        CLAIMED,
        Step.CONSENT,
    ),
    "claims that every ID token has": (
        {},
        ClaimsRequest(id_token=("sub", "acr", "auth_time"), userinfo=("sub",)),
        Step.DONE,
    ),
    "claims that are none": ({}, ClaimsRequest(userinfo=("Win a prize: choose Allow",)), Step.DONE),
}


@pytest.mark.parametrize(("given", "claims", "step"), COVERED.values(), ids=COVERED)
def test_who_agreed_before_is_asked_again_only_for_more_than(
    given: dict[str, Any], claims: ClaimsRequest, step: Step
) -> None:
    looked_at = facts(request={"claims": claims}, **given)

    assert next_step(looked_at) is step
    first_party = replace(looked_at, client=replace(CLIENT, first_party=True))
    assert next_step(first_party) is Step.DONE


def test_oidc_s5_5_only_claims_that_there_are_are_asked_about() -> None:
    claims = ClaimsRequest(id_token=("sub", "email", "<b>"), userinfo=("name", "email", "password_hash"))

    assert single_claims(replace(REQUEST, claims=claims)) == {"email", "name"}


def test_reserved_scopes_are_an_administrators_to_grant() -> None:
    scope = Scope.parse("openid admin users:read read")

    assert grantable(scope, administrator=True) == scope
    assert grantable(scope, administrator=False) == Scope.parse("openid read")


def test_oidc_s3_1_2_6_each_page_has_a_refusal_of_its_own_where_none_may_be_shown() -> None:
    assert {
        Step.LOGIN: LoginRequired,
        Step.SELECT_ACCOUNT: AccountSelectionRequired,
        Step.CONSENT: ConsentRequired,
    } == REFUSED_WITHOUT_A_PAGE
