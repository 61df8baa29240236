"""Tokens at once: what a form asks for is remembered for the client as it is, and nothing that is refused."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from identity_service.api.tokens import LONGEST_PLANNED, MOST_PLANS, ReadyTokens
from identity_service.application.liveness.known_callers import KnownCaller
from identity_service.application.use_cases.oauth2.minting import Plan, TokenResponse
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.token import Epochs
from identity_service.domain.oauth.errors import InvalidScope
from identity_service.domain.oauth.parameters import Parameters
from identity_service.domain.value_objects.scope import Scope
from identity_service.ports.tokens.key_ring import KeysUnavailable
from tests.unit.application.liveness.test_known_callers import CLIENT

PROOF, FORM = b"Basic x", b"grant_type=client_credentials&scope=read"
PLAN = Plan(
    grant_type="client_credentials",
    alg="RS256",
    lifetime=900,
    scope=Scope.parse("read"),
    audience=("https://id.example",),
    epochs=Epochs(1, 0, 1),
    family=None,
    claims={},
)


class Scene:
    """Stands where the bundle is: it knows one caller, and counts what it was asked."""

    def __init__(self) -> None:
        self.known_callers = self.issue_token = self
        self.client: Client | None = CLIENT
        self.plan: Plan | None = PLAN
        self.fails: Exception | None = None
        self.planned: list[Parameters] = []
        self.made = 0
        self.tokens = ReadyTokens(self)  # type: ignore[arg-type]  # as much of a bundle as it takes

    def known(self, authorization: bytes) -> KnownCaller | None:
        return KnownCaller.of(self.client) if self.client and authorization == PROOF else None

    def plan_unasked(self, client: Client, form: Parameters) -> Plan | None:
        self.planned.append(form)
        if form.get("scope") == "nothing":
            raise InvalidScope
        return self.plan

    def carry_out(self, plan: Plan) -> TokenResponse:
        if self.fails is not None:
            raise self.fails
        self.made += 1
        return TokenResponse(access_token=f"token {self.made}", expires_in=plan.lifetime, scope=plan.scope)

    def ask(self, body: bytes = FORM, proof: bytes = PROOF) -> Any:
        answer = self.tokens.ready(proof, body)
        return None if answer is None else orjson.loads(answer.body)


def test_each_token_is_a_new_one_and_the_form_is_read_once() -> None:
    scene = Scene()

    assert scene.ask() == {
        "access_token": "token 1",
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": "read",
    }
    assert scene.ask()["access_token"] == "token 2"
    assert len(scene.planned) == 1


def test_another_form_is_another_plan() -> None:
    scene = Scene()
    scene.ask()
    scene.ask(b"grant_type=client_credentials")

    assert len(scene.planned) == 2


def test_a_client_that_changed_is_planned_for_anew() -> None:
    scene = Scene()
    scene.ask()
    scene.client = replace(CLIENT, scope=Scope())
    scene.ask()

    assert len(scene.planned) == 2


def test_who_is_not_known_gets_nothing_whatever_was_planned() -> None:
    scene = Scene()
    scene.ask()

    assert scene.ask(proof=b"Basic y") is None
    scene.client = None
    assert scene.ask() is None


@pytest.mark.parametrize(
    "body",
    [
        *(FORM + b"&client_id=c", FORM + b"&client_secret=x", FORM + b"&client_assertion=x", FORM + b"&a=b"),
        *(FORM + b"&scope=read", b"scope=%ff", b"grant_type=client_credentials&scope=nothing"),
    ],
)
def test_what_may_mean_something_else_or_is_refused_goes_the_ordinary_way(body: bytes) -> None:
    assert Scene().ask(body) is None


def test_what_cannot_be_planned_is_tried_again() -> None:
    scene = Scene()
    scene.plan = None
    assert [scene.ask(), scene.ask()] == [None, None]
    assert len(scene.planned) == 2
    scene.plan = PLAN
    assert scene.ask() is not None


def test_without_a_key_the_ordinary_way_says_so() -> None:
    scene = Scene()
    scene.fails = KeysUnavailable("no key")

    assert scene.ask() is None


def test_only_so_many_forms_are_remembered_and_none_that_is_long() -> None:
    scene = Scene()
    for number in range(MOST_PLANS + 5):
        scene.ask(FORM + b"+s%d" % number)
    scene.ask(FORM + b"+" + b"x" * LONGEST_PLANNED)

    assert len(scene.tokens._plans) == MOST_PLANS
    scene.planned.clear()
    scene.ask(FORM + b"+s%d" % (MOST_PLANS + 4))
    assert scene.planned == [], "the newest are"
    scene.ask(FORM + b"+s0")
    assert len(scene.planned) == 1, "the oldest made room"
