"""What a client may be registered with (RFC 7591 §2), member by member and taken together."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from identity_service.domain.oauth.access_token import LONGEST_LIFE_SECONDS
from identity_service.domain.oauth.errors import InvalidRedirectUri, InvalidScope
from identity_service.domain.refusals import Fault, Faults, Unacceptable
from identity_service.domain.value_objects.plain_text import plain_text
from identity_service.domain.value_objects.redirect_uri import RedirectUri
from identity_service.domain.value_objects.scope import Scope

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")
DESCRIPTIVE = (
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "contacts",
    "software_id",
    "software_version",
)
"""Kept and shown, and nothing is decided by them."""
LIFETIMES = {
    "access_token_ttl": (30, LONGEST_LIFE_SECONDS),
    "refresh_token_ttl": (60, 31_536_000),
    "refresh_reuse_grace": (0, 300),
}
"""Seconds, as the server's own settings allow them."""
CAN_BE_UNSET = frozenset(
    {*DESCRIPTIVE, *LIFETIMES, "token_endpoint_auth_method", "access_token_signed_response_alg"}
)
"""None stands for the server's setting, either method, or nothing to describe."""
MOST_NAME, MOST_SCOPE, MOST_ITEMS, MOST_AUDIENCE = 200, 2000, 50, 512

# RFC 8707 §2: an absolute URI without fragment; RFC 3986 Appendix A characters.
_AUDIENCE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a client can choose from at this server: grant types, and algorithms of access tokens."""

    grants: Collection[str]
    signing_algs: Collection[str]


def accepted(members: Mapping[str, Any], *, offer: Offer) -> dict[str, Any]:
    """The given members as a client keeps them; the descriptive ones are returned under their own names.

    A member that is None is taken as not set, where it may be.

    Raises:
        Unacceptable: names every member at fault.
    """
    faults, taken = Faults(), {}
    for member, value in members.items():
        with faults.gathered():
            taken[member] = _member(member, value, offer)
    faults.check()
    return taken


def check_together(members: Mapping[str, Any]) -> None:
    """Rules between members of a complete client, after `accepted`.

    Raises:
        Unacceptable: the client as a whole is none this server can serve safely.
    """
    faults = [Fault(member, text) for member, text, broken in _TOGETHER if broken(members)]
    if faults:
        raise Unacceptable(faults)


def _is_public(members: Mapping[str, Any]) -> bool:
    return bool(members["token_endpoint_auth_method"] == "none")


_TOGETHER: tuple[tuple[str, str, Callable[[Mapping[str, Any]], bool]], ...] = (
    (
        "grant_types",
        "a public client has no credentials of its own and cannot use client_credentials",
        lambda client: _is_public(client) and "client_credentials" in client["grant_types"],
    ),
    (
        "resource_server",
        "a public client cannot authenticate and so cannot introspect",
        lambda client: _is_public(client) and client["resource_server"],
    ),
    (
        "audiences",
        "only a resource server has audiences",
        lambda client: bool(client["audiences"]) and not client["resource_server"],
    ),
    (
        "response_types",
        "the response type code needs the grant authorization_code",
        lambda client: bool(client["response_types"]) and "authorization_code" not in client["grant_types"],
    ),
)


def _member(member: str, value: Any, offer: Offer) -> Any:
    if value is None and member in CAN_BE_UNSET:
        return None
    if value is None:
        raise Unacceptable.of(member, "must not be null")
    if member in _OFFERED:
        return _OFFERED[member](offer, member, value)
    return _PARSERS[member](member, value)


def _grant_types(offer: Offer, member: str, values: Sequence[str]) -> frozenset[str]:
    return frozenset(_of(offer.grants, member, values, "is no grant type of this server"))


def _signing_alg(offer: Offer, member: str, value: str) -> str:
    if value not in offer.signing_algs:
        raise Unacceptable.of(member, f"must be one of {', '.join(offer.signing_algs)}")
    return value


_OFFERED: Mapping[str, Callable[[Offer, str, Any], Any]] = {
    "grant_types": _grant_types,
    "access_token_signed_response_alg": _signing_alg,
}


def _of(allowed: Collection[str], member: str, values: Sequence[str], refusal: str) -> tuple[str, ...]:
    faults = [Fault(f"{member}/{at}", refusal) for at, value in enumerate(values) if value not in allowed]
    if faults:
        raise Unacceptable(faults)
    return tuple(dict.fromkeys(values))


def _name(member: str, value: str) -> str:
    return plain_text(member, value, most=MOST_NAME)


def _response_types(member: str, values: Sequence[str]) -> tuple[str, ...]:
    return _of(("code",), member, values, "is no response type of this server")


def _scope(member: str, value: str) -> Scope:
    if len(value) > MOST_SCOPE:
        raise Unacceptable.of(member, f"must not be longer than {MOST_SCOPE} characters")
    try:
        return Scope.parse(value)
    except InvalidScope:
        raise Unacceptable.of(
            member, "must be scope tokens with one space between them (RFC 6749 section 3.3)"
        ) from None


def _auth_method(member: str, value: str) -> str:
    if value not in AUTH_METHODS:
        raise Unacceptable.of(member, f"must be one of {', '.join(AUTH_METHODS)}")
    return value


def _flag(member: str, value: bool) -> bool:
    return value


def _each(parse: Callable[[str, str], Any]) -> Callable[[str, Sequence[str]], tuple[Any, ...]]:
    def parsed(member: str, values: Sequence[str]) -> tuple[Any, ...]:
        if len(values) > MOST_ITEMS:
            raise Unacceptable.of(member, f"must not have more than {MOST_ITEMS} items")
        faults, taken = Faults(), []
        for at, value in enumerate(dict.fromkeys(values)):
            with faults.gathered():
                taken.append(parse(f"{member}/{at}", value))
        faults.check()
        return tuple(taken)

    return parsed


def _redirect_uri(member: str, value: str) -> str:
    try:
        return str(RedirectUri.parse(value))
    except InvalidRedirectUri as error:
        raise Unacceptable.of(member, error.description) from None


def _web_page(member: str, value: str) -> str:
    """https only: it will be a link on pages of ours, where `javascript:` would run."""
    try:
        https = RedirectUri.parse(value)[:8].lower() == "https://"
    except InvalidRedirectUri:
        https = False
    if not https:
        raise Unacceptable.of(member, "must be an https URL without fragment")
    return value


def _audience(member: str, value: str) -> str:
    if len(value) > MOST_AUDIENCE or _AUDIENCE.fullmatch(value) is None:
        raise Unacceptable.of(member, "must be an absolute URI without fragment (RFC 8707 section 2)")
    return value


def _audiences(member: str, values: Sequence[str]) -> frozenset[str]:
    return frozenset(_each(_audience)(member, values))


def _lifetime(member: str, value: int) -> int:
    least, most = LIFETIMES[member]
    if not least <= value <= most:
        raise Unacceptable.of(member, f"must be between {least} and {most} seconds")
    return value


_PARSERS: Mapping[str, Callable[[str, Any], Any]] = {
    "client_name": _name,
    "response_types": _response_types,
    "redirect_uris": _each(_redirect_uri),
    "scope": _scope,
    "token_endpoint_auth_method": _auth_method,
    "resource_server": _flag,
    "audiences": _audiences,
    "client_uri": _web_page,
    "logo_uri": _web_page,
    "tos_uri": _web_page,
    "policy_uri": _web_page,
    "contacts": _each(_name),
    "software_id": _name,
    "software_version": _name,
    **dict.fromkeys(LIFETIMES, _lifetime),
}
