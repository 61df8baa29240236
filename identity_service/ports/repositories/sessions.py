"""Where people's sessions, and what they are being asked, are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from identity_service.domain.entities.consent import Consent
from identity_service.domain.entities.interaction import Interaction
from identity_service.domain.entities.session import NewSession, Session
from identity_service.domain.value_objects.ids import InteractionId, SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInAgain:
    """What a session learns when its person proves once more who they are. It gets another cookie by it."""

    digest: bytes
    auth_time: datetime
    amr: tuple[str, ...]
    acr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionSeen:
    """An interaction, who is signed in with its browser, and what that person agreed to before with its client."""

    interaction: Interaction
    session: Session | None
    consent: Consent | None


class Sessions(Protocol):
    """Sessions, by the SHA-256 digest of the cookie. One that ended, ran out (or was idle for so many seconds), or
    whose person was deactivated or changed their password since, is not there for any of these."""

    async def start(self, session: NewSession, digest: bytes) -> bool:
        """Begins it, in one statement, and only if the user is active and both epochs are still those it names."""

    async def get(self, digest: bytes, *, idle_seconds: int) -> Session | None:
        """The living session with this cookie."""

    async def renew(self, session_id: SessionId, again: SignedInAgain) -> bool:
        """The same session under another cookie; the old one is nobody's from then on. False when it is over."""

    async def touch(self, session_id: SessionId) -> bool:
        """It was seen just now. False when it has ended; until this transaction is over, nobody ends it."""

    async def end(self, session_id: SessionId, *, user_id: UserId | None = None) -> bool:
        """True for the one caller that ended it. With `user_id`, only if it is that person's."""

    async def living(self, session_id: SessionId) -> Session | None:
        """The session of this id; whether it was idle is not asked."""

    async def of_user(self, user_id: UserId, *, idle_seconds: int | None) -> list[Session]:
        """The living ones, the newest first. `idle_seconds` None: also those that nobody came back to for long."""


class Interactions(Protocol):
    """Interactions, by id and the digest of their browser's cookie. One that ran out is not there."""

    async def add(self, interaction: Interaction, *, browser: bytes, lifetime_seconds: int) -> None:
        """Keeps a new one."""

    async def seen(
        self, interaction_id: InteractionId, *, browser: bytes, session: bytes | None, idle_seconds: int
    ) -> InteractionSeen | None:
        """The interaction, also when it is finished; the session as `Sessions.get` finds it by this digest, and the
        consent as `Consents.get` does: all of one moment."""

    async def update(self, interaction: Interaction) -> bool:
        """Keeps the steps done; False when it was finished or ran out meanwhile."""

    async def finish(self, interaction_id: InteractionId) -> bool:
        """True for the one caller that finished it: only that one may answer the client."""
