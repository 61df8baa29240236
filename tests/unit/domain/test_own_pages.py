"""The server's own pages ask for a sign-in by the rules that hold for clients."""

from dataclasses import replace
from datetime import timedelta

import pytest

from identity_service.domain.entities.authorization_request import from_json
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.oauth.client_credentials import acceptable_client_id
from identity_service.domain.refusals import Unacceptable
from identity_service.domain.services.own_pages import OWN_PAGES, back, is_own, own_pages, own_request
from identity_service.domain.services.sign_in import Facts, Step, next_step
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.domain.value_objects.scope import Scope
from tests.entities import LONG_AGO, REQUEST, SESSION


@pytest.mark.parametrize(
    ("somebody", "max_age", "step"),
    [
        (True, None, Step.DONE),
        (True, 100, Step.DONE),
        (True, 99, Step.LOGIN),
        (False, None, Step.LOGIN),
    ],
)
def test_a_sign_in_is_owed_and_consent_never_is(somebody: bool, max_age: int | None, step: Step) -> None:
    facts = Facts(
        interaction=Interaction.begun(InteractionId("i"), own_request("/account", max_age=max_age)),
        client=own_pages(server_epoch=1),
        session=SESSION if somebody else None,
        subject="alice" if somebody else None,
        scope=Scope(),
        consent=None,
        now=LONG_AGO + timedelta(seconds=100),
    )
    assert next_step(facts) is step


def test_no_client_can_have_their_id() -> None:
    with pytest.raises(Unacceptable):
        acceptable_client_id(OWN_PAGES)


def test_a_request_of_theirs_is_known_again_when_it_was_kept() -> None:
    asked = own_request("/account/profile", max_age=900)
    assert from_json(asked.to_json()) == asked
    assert is_own(asked)
    assert not is_own(replace(REQUEST))


def test_the_answer_is_the_path_and_nothing_else() -> None:
    assert back(own_request("/id/account/profile", max_age=None)).url == "/id/account/profile"
