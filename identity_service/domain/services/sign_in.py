"""Which page a person sees next on the way from a client's request to its answer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from identity_service.domain.entities.authorization_request import AuthorizationRequest
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.consent import Consent
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import Session
from identity_service.domain.oauth.authorize_errors import (
    AccountSelectionRequired,
    ConsentRequired,
    InteractionRequired,
    LoginRequired,
)
from identity_service.domain.oauth.claims import STANDARD_CLAIMS
from identity_service.domain.value_objects.scope import Scope

ACR_PASSWORD = "urn:identity-service:acr:password"
"""A person who typed a password: what every session here has reached."""
ACR_VALUES = (ACR_PASSWORD,)


class Step(StrEnum):
    """A page, by what it is for."""

    LOGIN = "login"
    SELECT_ACCOUNT = "select-account"
    CONSENT = "consent"
    DONE = "done"
    REFUSED = "refused"


REFUSED_WITHOUT_A_PAGE: dict[Step, type[InteractionRequired]] = {
    Step.LOGIN: LoginRequired,
    Step.SELECT_ACCOUNT: AccountSelectionRequired,
    Step.CONSENT: ConsentRequired,
}
"""What `prompt=none` is answered with, where a page would be next (OIDC Core §3.1.2.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the next step depends on.

    Attributes:
        session: the living one that the interaction stands on, else the browser's own.
        subject: how the client knows that session's person.
        scope: what that person may grant of what was asked for.
        consent: what that person has agreed to before.
        now: when the interaction is looked at.
    """

    interaction: Interaction
    client: Client
    session: Session | None
    subject: str | None
    scope: Scope
    consent: Consent | None
    now: datetime


def next_step(facts: Facts) -> Step:
    """The first of the steps that is still owed. It is asked anew at every request: no step is skipped by being posted
    early, empty or out of order."""
    for step, owed in _STEPS:
        if owed(facts):
            return step
    return Step.DONE


def somebody_else_signed_in(facts: Facts) -> bool:
    """Whether the person has signed in just now and is not the one that the client asked for."""
    wanted = facts.interaction.request.subject
    return _done(facts).signed_in and wanted is not None and facts.subject != wanted


def _done(facts: Facts) -> Interaction:
    """What counts of the interaction: steps were done by the session it names, and by nobody who came after."""
    interaction, session = facts.interaction, facts.session
    if session is not None and interaction.session_id == session.id:
        return interaction
    return replace(interaction, signed_in=False, account_chosen=False, consented=False)


def _owes_choice(facts: Facts) -> bool:
    """Whoever has just signed in, or wants to, has chosen."""
    done = _done(facts)
    chosen = done.account_chosen or done.signed_in or done.another_account
    return "select_account" in done.request.prompt and facts.session is not None and not chosen


def _owes_sign_in(facts: Facts) -> bool:
    done, session = _done(facts), facts.session
    if session is None:
        return True
    if done.signed_in:
        return False
    request = done.request
    if done.another_account or "login" in request.prompt:
        return True
    if request.subject is not None and facts.subject != request.subject:
        return True
    return request.max_age is not None and _is_older(session, request.max_age, facts.now)


def _is_older(session: Session, max_age: int, now: datetime) -> bool:
    """No sign-in is young enough for an age of zero, not even one of this moment (OIDC Core §3.1.2.1)."""
    return max_age == 0 or now > session.auth_time + timedelta(seconds=max_age)


def _owes_consent(facts: Facts) -> bool:
    """An administrator's mark on the client answers for everybody, unless the client wants the person asked."""
    done = _done(facts)
    if done.consented:
        return False
    if "consent" in done.request.prompt:
        return True
    if facts.client.first_party:
        return False
    if may_be_anybody(facts.client, done.request):
        return True
    return facts.consent is None or not facts.consent.covers(facts.scope, single_claims(done.request))


def may_be_anybody(client: Client, request: AuthorizationRequest) -> bool:
    """Whether any program on the person's machine could ask in this client's name and get the answer: it has no secret,
    and the answer goes to no web site. What was agreed to before is then not enough (RFC 8252 §8.6)."""
    return client.is_public and not request.redirect_uri.startswith("https:")


def grantable(scope: Scope, *, administrator: bool) -> Scope:
    """What a person may grant of a scope that their client is registered for: reserved ones are an administrator's."""
    return scope if administrator else scope.without_reserved()


def single_claims(request: AuthorizationRequest) -> frozenset[str]:
    """The claims about the person that were asked for one by one. Names of nothing are ignored (OIDC Core §5.5): a
    client writes no text of its own on the page that asks for consent."""
    asked = frozenset((*request.claims.id_token, *request.claims.userinfo))
    return asked.intersection(STANDARD_CLAIMS)


_STEPS = (
    (Step.SELECT_ACCOUNT, _owes_choice),
    (Step.LOGIN, _owes_sign_in),
    (Step.CONSENT, _owes_consent),
)
