"""How an answer travels from the authorization endpoint to the client (OAuth 2.0 Response Types, Form Post)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from identity_service.domain.oauth.errors import OAuthError

QUERY: Final = "query"
FORM_POST: Final = "form_post"
RESPONSE_MODES: Final = (QUERY, FORM_POST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client is told, and where."""

    redirect_uri: str
    response_mode: str
    members: tuple[tuple[str, str], ...]

    @property
    def url(self) -> str:
        """The redirect URI with the members in its query."""
        return with_members(self.redirect_uri, self.members)


def with_members(uri: str, members: Sequence[tuple[str, str]]) -> str:
    """A registered URI with these in its query; what it has there already is kept (RFC 6749 §3.1.2)."""
    if not members:
        return uri
    _, has_query, query = uri.partition("?")
    separator = "?" if not has_query else "&" if query and not query.endswith("&") else ""
    return f"{uri}{separator}{urlencode(members)}"


def refusal(
    error: OAuthError, *, redirect_uri: str, response_mode: str, state: str | None, issuer: str
) -> Answer:
    """RFC 6749 §4.1.2.1, with the issuer (RFC 9207 §2)."""
    members = {"error": error.code, "error_description": error.description}
    return _answer(redirect_uri, response_mode, members, state, issuer)


def success(
    *,
    code: str,
    redirect_uri: str,
    response_mode: str,
    state: str | None,
    issuer: str,
    session_state: str | None = None,
) -> Answer:
    """RFC 6749 §4.1.2, with the issuer (RFC 9207 §2), and the state of the session (OIDC Session Management 1.0 §2)."""
    members = {"code": code}
    if session_state is not None:
        members["session_state"] = session_state
    return _answer(redirect_uri, response_mode, members, state, issuer)


def _answer(
    redirect_uri: str, response_mode: str, members: dict[str, str], state: str | None, issuer: str
) -> Answer:
    if state is not None:
        members["state"] = state
    members["iss"] = issuer
    return Answer(redirect_uri=redirect_uri, response_mode=response_mode, members=tuple(members.items()))
