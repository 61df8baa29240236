"""What can happen while people sign in with a browser, agree, and leave."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event, personal
from identity_service.domain.entities.tag import family_tag


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionEvent(Event):
    session_id: str
    user_id: str

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(_SessionEvent):
    name = "session.started"
    amr: tuple[str, ...]
    address: str | None = personal()
    user_agent: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRenewed(_SessionEvent):
    """The same person has proved who they are again."""

    name = "session.renewed"
    amr: tuple[str, ...]
    address: str | None = personal()
    user_agent: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(_SessionEvent):
    """`reason` is `signed_out`, `revoked` or `replaced`, or what ended all sessions of the person; the families that it
    took along are named. `address` and `user_agent` say which session it was: they are those of its beginning.
    """

    name = "session.ended"
    reason: str
    families: tuple[str, ...] = ()
    address: str | None = personal()
    user_agent: str | None = personal()

    def endings(self) -> tuple[str, ...]:
        return tuple(map(family_tag, self.families))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInsFailed(Event):
    """So many wrong passwords were tried, at one account since its count began, by `sources` of one kind; or, without a
    `user_id`, under names that nobody has. `client_id` and `address` are those of the last one.
    """

    name = "user.sign_ins_failed"
    attempts: int
    sources: str
    client_id: str
    user_id: str | None = None
    username: str | None = personal()
    address: str | None = personal()

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _ConsentEvent(Event):
    user_id: str
    client_id: str

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGranted(_ConsentEvent):
    name = "consent.granted"
    scope: str
    claims: tuple[str, ...] = ()
    address: str | None = personal()
    user_agent: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDenied(_ConsentEvent):
    name = "consent.denied"
    address: str | None = personal()
    user_agent: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRevoked(_ConsentEvent):
    """Everything that the client got from this person ends with it."""

    name = "consent.revoked"
    families: tuple[str, ...] = ()

    def endings(self) -> tuple[str, ...]:
        return tuple(map(family_tag, self.families))
