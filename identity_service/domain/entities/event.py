"""What can happen here, and what each happening ends."""

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from identity_service.domain.entities.tag import KEYS, SERVER, client_tag, user_tag


def personal() -> Any:
    """A field that is kept apart from the event, under its subject, so that it can be erased."""
    return field(default=None, metadata={"personal": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `by` names who did it: a client id, a user id, `cli` or `system`.

    A class that ends tokens, or changes what an answer about them may say, names the tags in `endings`.
    """

    name: ClassVar[str]
    by: str

    @property
    def subject(self) -> str | None:
        """Whom the personal data of this event is about."""
        return None

    @property
    def client(self) -> str | None:
        """The client that had a part in it."""
        return getattr(self, "client_id", None)

    def endings(self) -> tuple[str, ...]:
        """Tags whose cached answers are void from now on."""
        return ()

    def payload(self, *, of_person: bool) -> dict[str, Any]:
        """The event's members, either the personal ones or the others; members without a value are left out."""
        kind: Any = type(self)
        members = _members(kind, of_person)
        return {name: value for name in members if (value := getattr(self, name)) is not None}


@cache
def _members(kind: Any, of_person: bool) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if bool(f.metadata.get("personal")) is of_person)


@dataclass(frozen=True, slots=True, kw_only=True)
class _UserEvent(Event):
    user_id: str

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndsUser(_UserEvent):
    def endings(self) -> tuple[str, ...]:
        return (user_tag(self.user_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCreated(_UserEvent):
    name = "user.created"
    username: str | None = personal()
    email: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(_EndsUser):
    name = "user.changed"
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(_EndsUser):
    name = "user.password_changed"
    address: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPasswordRefused(_UserEvent):
    name = "user.current_password_refused"
    address: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeactivated(_EndsUser):
    name = "user.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserActivated(_EndsUser):
    name = "user.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(_EndsUser):
    name = "user.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutEverywhere(_EndsUser):
    name = "user.signed_out_everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed(Event):
    """`reason` stands here and nowhere else: the caller is told the same whatever it was."""

    name = "user.sign_in_failed"
    reason: str
    client_id: str
    user_id: str | None = None
    username: str | None = personal()
    address: str | None = personal()

    @property
    def subject(self) -> str | None:
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClientEvent(Event):
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndsClient(_ClientEvent):
    def endings(self) -> tuple[str, ...]:
        return (client_tag(self.client_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCreated(_ClientEvent):
    name = "client.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(_EndsClient):
    name = "client.changed"
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecretRotated(_EndsClient):
    name = "client.secret_rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDeactivated(_EndsClient):
    name = "client.deactivated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientActivated(_EndsClient):
    name = "client.activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDeleted(_EndsClient):
    name = "client.deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysChanged(Event):
    """`kid` was made, imported, put to use or retired: processes read their keys again."""

    name = "keys.changed"
    kid: str
    change: str

    def endings(self) -> tuple[str, ...]:
        return (KEYS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterKeyChanged(Event):
    """Data keys are wrapped by the master key of this id now. Nothing that is sealed with them changes."""

    name = "keys.master_key_changed"
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EverythingRevoked(Event):
    name = "server.everything_revoked"

    def endings(self) -> tuple[str, ...]:
        return (SERVER, KEYS)
