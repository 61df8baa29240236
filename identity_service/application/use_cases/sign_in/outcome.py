"""What comes of a request on the way from authorize to its answer, and what is known of the browser it came from."""

from dataclasses import dataclass, field

from identity_service.domain.entities.client import Client
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import MOST_USER_AGENT, Session
from identity_service.domain.oauth.response_modes import Answer
from identity_service.domain.services.sign_in import Step
from identity_service.domain.value_objects.ids import InteractionId
from identity_service.domain.value_objects.scope import Scope
from identity_service.domain.value_objects.secret import OpaqueKind, Secret, digest, is_opaque_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a request came from: its cookies (the session, the one that interactions belong to, and the one by which
    accounts know it), its address, and what it calls itself."""

    session: Secret | None
    key: Secret | None
    address: str | None
    user_agent: str | None
    devices: Secret | None = None

    @property
    def session_digest(self) -> bytes | None:
        """None where there is no cookie that could be a session's."""
        return _digest(OpaqueKind.SESSION, self.session)

    @property
    def key_digest(self) -> bytes | None:
        """None where there is no cookie that could be a key of ours."""
        return _digest(OpaqueKind.BROWSER, self.key)

    @property
    def agent(self) -> str | None:
        """What is kept of what it calls itself."""
        return None if self.user_agent is None else self.user_agent[:MOST_USER_AGENT]


def _digest(kind: OpaqueKind, cookie: Secret | None) -> bytes | None:
    if cookie is None or not is_opaque_token(kind, cookie.reveal()):
        return None
    return digest(cookie.reveal())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A page is owed. `scope` is what the session's person may grant of what was asked for; `subject` is how the client
    knows that person, None while nobody is signed in; `browser_state` is what a script may know of the session, where
    the client's pages may ask."""

    step: Step
    interaction: Interaction
    client: Client
    session: Session | None
    subject: str | None
    scope: Scope
    browser_state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The next page of an interaction, or the client's answer; and cookies to set, where there are new ones."""

    step: Step
    interaction_id: InteractionId
    answer: Answer | None = None
    session: Secret | None = field(default=None, repr=False)
    browser_key: Secret | None = field(default=None, repr=False)
    browser_state: str | None = None
    devices: Secret | None = field(default=None, repr=False)


class InteractionGone(Exception):
    """There is no such interaction for this browser: it ran out, or was another browser's, or there is no cookie."""


class InteractionOver(Exception):
    """The client has been answered already: the page was shown again by the back button, or sent twice."""


class WrongStep(Exception):
    """Another page is owed: this one was sent early, late, or out of order. Nothing was done."""

    def __init__(self, owed: Step) -> None:
        super().__init__(f"the step that is owed is {owed}")
        self.owed = owed
