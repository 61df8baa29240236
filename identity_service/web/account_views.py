"""What each page of the account home shows: plain values, as in `views`."""

from dataclasses import dataclass
from typing import Literal

Done = Literal["saved", "ended", "withdrawn"]
ProfileProblem = Literal["wrong_fields", "taken", "changed"]
UnfitPassword = Literal["malformed", "short", "long", "common", "personal", "weak", "breached"]
PasswordProblem = Literal["wrong_password", "two_passwords", "too_many_attempts", "busy"] | UnfitPassword


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands on every one of these pages: whose account it is; `base` is the path of the issuer."""

    base: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentShown:
    """A moment in parts: `iso` is for programs, in UTC; the others are on the reader's clock."""

    iso: str
    day: int
    month: int
    year: int
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactShown:
    """A member of the profile that has a value. `verified` None: that is no question."""

    member: str
    value: str
    verified: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """What the account says of its person, and in how many browsers they are signed in."""

    frame: Frame
    facts: tuple[FactShown, ...]
    browsers: int
    done: Done | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """A field of the form: `member` is its name, `wrong` whether the text is not one that can be kept."""

    member: str
    value: str
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditProfilePage:
    """Asks for the members of the profile. `version` is that of the account that the form was made from."""

    frame: Frame
    action: str
    csrf: str
    version: int
    groups: tuple[tuple[FieldShown, ...], ...]
    problem: ProfileProblem | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage:
    """Asks for `current_password`, `password`, and the latter once more as `again`. `fewest` characters are wanted."""

    frame: Frame
    action: str
    csrf: str
    problem: PasswordProblem | None
    fewest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChangedPage:
    """Says that it is done, and that everybody has to sign in again; `base` is the path of the issuer."""

    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionShown:
    """A browser that is signed in: `key` is sent; `browser` and `system` are None where they are not known."""

    key: str
    browser: str | None
    system: str | None
    address: str | None
    signed_in: MomentShown
    seen: MomentShown
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage:
    """Asks for `session`: the key of one that shall end, or for `everywhere`."""

    frame: Frame
    action: str
    csrf: str
    sessions: tuple[SessionShown, ...]
    zone: str
    done: Done | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentShown:
    """What an application may: `key` is sent, `name` is None where it is gone; `opens` leads to it, signed in with this
    account."""

    key: str
    name: str | None
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    since: MomentShown
    opens: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentsPage:
    """Asks for `client`: the key of a consent to withdraw."""

    frame: Frame
    action: str
    csrf: str
    consents: tuple[ConsentShown, ...]
    zone: str
    done: Done | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShown:
    """Something that happened; `event` and `variant` choose the words."""

    event: str
    variant: str
    client: str | None
    browser: str | None
    system: str | None
    address: str | None
    at: MomentShown


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """What happened, the newest first; `older` and `newest` are queries of this page's address, where there is more."""

    frame: Frame
    entries: tuple[EntryShown, ...]
    zone: str
    older: str | None
    newest: bool


AccountPage = (
    ProfilePage
    | EditProfilePage
    | PasswordPage
    | PasswordChangedPage
    | SessionsPage
    | ConsentsPage
    | ActivityPage
)
