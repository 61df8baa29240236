"""What each page shows: plain values, judged by others; the templates decide nothing but wording and looks."""

from dataclasses import dataclass
from typing import Literal

Problem = Literal["wrong_credentials", "too_many_attempts", "busy", "missing"]
Advice = Literal["expired", "cookies", "start_again", "already_done", "try_again", "busy", "too_often"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientShown:
    """A client as people see it; the links are those of OIDC Registration §2. Nothing is loaded from its site: `logo`
    is where this server has it."""

    name: str
    logo: str | None
    client_uri: str | None
    policy_uri: str | None
    tos_uri: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    """Asks for `username` and `password`. With `cancel` there is a button `action=cancel`, which needs neither."""

    action: str
    csrf: str
    username: str
    client: ClientShown | None
    problem: Problem | None
    cancel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage:
    """Asks for `action=allow` or `action=deny`. `goes_to` is the host of the redirect URI, `home` where the person can
    take it back; `unchecked` says that the client registered itself."""

    action: str
    csrf: str
    client: ClientShown
    account: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    goes_to: str
    home: str
    unchecked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountShown:
    """An account to choose: `key` is sent, `name` is shown."""

    key: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectAccountPage:
    """Asks for `account`: the key of one of them, or nothing for another one."""

    action: str
    csrf: str
    client: ClientShown | None
    accounts: tuple[AccountShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutPage:
    """Asks for `action=logout` or `action=stay`. `client` is who sent the person here."""

    action: str
    csrf: str
    account: str
    client: ClientShown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOutPage:
    """Says that it is done, here or `everywhere`; `continue_to` is a registered URI to go on to. `frames` are pages of
    clients that are shown where nobody sees them, so that the person is signed out there, too (OIDC Front-Channel
    Logout 1.0 §3)."""

    client: ClientShown | None
    continue_to: str | None
    frames: tuple[str, ...] = ()
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StillSignedInPage:
    """Says that nothing was ended."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """Says what did not work: `code` and `description` for developers, `advice` for the person, `status` for HTTP."""

    code: str
    description: str
    status: int
    advice: Advice | None
    request_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPostPage:
    """Carries an answer to a client by a form (OAuth 2.0 Form Post Response Mode): names and values, in order."""

    action: str
    members: tuple[tuple[str, str], ...]


Page = (
    LoginPage
    | ConsentPage
    | SelectAccountPage
    | LogoutPage
    | SignedOutPage
    | StillSignedInPage
    | ErrorPage
    | FormPostPage
)
