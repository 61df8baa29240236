"""What a program may register of itself (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2), and what it
gets where it asks for more.

Whether each value is a good one is decided where it is decided for clients of administrators: `client_metadata.py`,
`client_rules.py`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from identity_service.domain.oauth.client_values import MOST_NAME
from identity_service.domain.oauth.client_values import scope as parsed_scope
from identity_service.domain.oauth.software_statement import refuse_statement
from identity_service.domain.refusals import Faults, Unacceptable
from identity_service.domain.value_objects.scope import Scope

OPEN: Final = "open"
"""Who registered a client that came without a token: anybody. Else it is an initial access token, by its id."""
SCOPES: Final = Scope.parse("openid profile email address phone offline_access")
"""What a registration without `scope` gets; OIDC Core §5.4 and §11 give it its meaning, and people agree to it."""
GRANTS: Final = ("authorization_code", "refresh_token")
"""What a program that nobody knows may use: grants that need a person's consent."""
NOT_FOR_STRANGERS: Final = frozenset({"account"})
"""Scopes that are not reserved, and yet no program gives itself: this one changes the account of a person."""


class Kind(StrEnum):
    """What a member is in JSON."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    FLAG = "true or false"
    NUMBER = "a whole number"
    OBJECT = "an object"


_FITS: Mapping[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: lambda value: isinstance(value, str),
    Kind.TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    Kind.FLAG: lambda value: isinstance(value, bool),
    Kind.NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    Kind.OBJECT: lambda value: isinstance(value, dict),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A name that counts, and what a registration without it means."""

    kind: Kind
    default: Any = None


REGISTERED: Final[Mapping[str, Member]] = {
    "redirect_uris": Member(Kind.TEXTS, ()),
    "token_endpoint_auth_method": Member(Kind.TEXT, "client_secret_basic"),
    "grant_types": Member(Kind.TEXTS, ("authorization_code",)),
    "response_types": Member(Kind.TEXTS, ("code",)),
    "client_name": Member(Kind.TEXT),
    "client_uri": Member(Kind.TEXT),
    "logo_uri": Member(Kind.TEXT),
    "scope": Member(Kind.TEXT),
    "contacts": Member(Kind.TEXTS),
    "tos_uri": Member(Kind.TEXT),
    "policy_uri": Member(Kind.TEXT),
    "jwks_uri": Member(Kind.TEXT),
    "jwks": Member(Kind.OBJECT),
    "software_id": Member(Kind.TEXT),
    "software_version": Member(Kind.TEXT),
    "application_type": Member(Kind.TEXT, "web"),
    "sector_identifier_uri": Member(Kind.TEXT),
    "subject_type": Member(Kind.TEXT, "public"),
    "id_token_signed_response_alg": Member(Kind.TEXT),
    "userinfo_signed_response_alg": Member(Kind.TEXT),
    "token_endpoint_auth_signing_alg": Member(Kind.TEXT),
    "request_object_signing_alg": Member(Kind.TEXT),
    "require_signed_request_object": Member(Kind.FLAG, False),
    "request_uris": Member(Kind.TEXTS, ()),
    "initiate_login_uri": Member(Kind.TEXT),
    "default_max_age": Member(Kind.NUMBER),
    "require_auth_time": Member(Kind.FLAG, False),
    "default_acr_values": Member(Kind.TEXTS, ()),
    "post_logout_redirect_uris": Member(Kind.TEXTS, ()),
    "backchannel_logout_uri": Member(Kind.TEXT),
    "backchannel_logout_session_required": Member(Kind.FLAG, False),
    "frontchannel_logout_uri": Member(Kind.TEXT),
    "frontchannel_logout_session_required": Member(Kind.FLAG, False),
}
"""The names that count, in the order of answers. All others are ignored (RFC 7591 §2): names of ours, by which
administrators decide (`first_party`, `require_pkce`, `resource_server`, how long tokens live), and names in a language,
such as `client_name#de`."""


def asked_for(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a registration says under the names that count, and only by its shape right. What is null is not said
    (RFC 7592 §2.2).

    Raises:
        Unacceptable: names each member that is not even of its kind.
        InvalidSoftwareStatement, UnapprovedSoftwareStatement: there is a software statement.
    """
    if document.get("software_statement") is not None:
        refuse_statement(document["software_statement"])
    faults, found = Faults(), {}
    for name, member in REGISTERED.items():
        if (value := document.get(name)) is None:
            continue
        with faults.gathered():
            if not _FITS[member.kind](value):
                raise Unacceptable.of(name, f"must be {member.kind}")
        found[name] = value
    faults.check()
    return found


def registered(asked: Mapping[str, Any], *, scopes: Scope, granted: Collection[str] = ()) -> dict[str, Any]:
    """Every member that a program decides, as it shall be registered, after `asked_for` (RFC 7591 §3.2.1: a server may
    replace what it was asked for, and says what it registered).

    - What was not said has its default; a client without a name is called by where people come back to.
    - Grants that need no consent of a person, and scopes that nobody gives to strangers, are left out.

    Args:
        scopes: what it may have at most.
        granted: grants that it has already, by whoever gave them, and may keep.

    Raises:
        Unacceptable: nothing would be left, or it can only be used for what this server does not do.
    """
    members = {name: asked.get(name, member.default) for name, member in REGISTERED.items()}
    members["client_name"] = asked.get("client_name", _name_by(members["redirect_uris"]))
    members["grant_types"] = _grant_types(members["grant_types"], granted)
    has_codes = "authorization_code" in members["grant_types"]
    members["response_types"] = asked.get("response_types") or (("code",) if has_codes else ())
    members["scope"] = str(_scope(members["scope"], scopes))
    return members


def _grant_types(asked: Sequence[str], granted: Collection[str]) -> tuple[str, ...]:
    """A program that asks for `implicit` expects tokens from the front door: leaving it out would only mislead it."""
    if "implicit" in asked:
        raise Unacceptable.of("grant_types", "implicit is not offered, use authorization_code with PKCE")
    kept = tuple(grant for grant in dict.fromkeys(asked) if grant in GRANTS or grant in granted)
    if "authorization_code" not in kept and set(kept) <= set(GRANTS):
        raise Unacceptable.of(
            "grant_types", "must have authorization_code, other grants are given by administrators"
        )
    return kept


def _scope(asked: str | None, most: Scope) -> Scope:
    if not asked:
        return SCOPES
    kept = parsed_scope("scope", asked) & most
    if not kept:
        raise Unacceptable.of("scope", "has nothing that a client may register for itself here")
    return kept


def _name_by(redirect_uris: Sequence[str]) -> str:
    """The host, or the scheme where there is none. What is no URI is refused for that."""
    first = redirect_uris[0] if redirect_uris else ""
    try:
        host = urlsplit(first).hostname
    except ValueError:
        host = None
    return (host or first.partition(":")[0] or "?")[:MOST_NAME]
