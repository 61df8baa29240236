"""What a client may be registered with (RFC 7591 §2, OpenID Connect Registration §2): which members there are, and
which of them may be unset."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.oauth.client_values import (
    SECONDS,
    audience,
    choice,
    choices,
    context_class,
    each,
    fetched_page,
    flag,
    frontchannel_logout_uri,
    key_set,
    login_uri,
    logout_uri,
    name,
    redirect_uri,
    request_uri,
    scope,
    seconds,
    tier,
    web_page,
)
from identity_service.domain.refusals import Faults, Unacceptable

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
APPLICATION_TYPES = ("web", "native")
SUBJECT_TYPES = ("public", "pairwise")
SIGNED = ("access_token_signed_response_alg", "id_token_signed_response_alg", "userinfo_signed_response_alg")
"""With what the server signs for the client; never `none`, for nobody could tell that from a forgery."""
KEYS = ("jwks", "jwks_uri", "token_endpoint_auth_signing_alg", "request_object_signing_alg")
"""What a client signs with (RFC 7591 §2, OIDC Registration §2)."""
DESCRIPTIVE = (
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "initiate_login_uri",
    "contacts",
    "software_id",
    "software_version",
)
"""Kept and shown, and nothing is decided by them."""
CAN_BE_UNSET = frozenset(
    {
        *DESCRIPTIVE,
        *SECONDS,
        *SIGNED,
        *KEYS,
        "token_endpoint_auth_method",
        "rate_limit_tier",
        "sector_identifier_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
    }
)
"""None stands for the server's setting, either method, plain JSON, no limit, any algorithm, nothing to say, or not to
be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a client can choose from at this server: grant types, algorithms of what is signed for it, and of what it
    signs. `fetch_exceptions` are the `host:port` that it may name by http."""

    grants: Collection[str]
    signing_algs: Collection[str]
    assertion_algs: Collection[str] = SIGNING_ALGORITHMS
    fetch_exceptions: Collection[str] = ()


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


def _member(member: str, value: Any, offer: Offer) -> Any:
    if value is None and member in CAN_BE_UNSET:
        return None
    if value is None:
        raise Unacceptable.of(member, "must not be null")
    if member in _OFFERED:
        return _OFFERED[member](offer, member, value)
    return _PARSERS[member](member, value)


def _grant_types(offer: Offer, member: str, values: Sequence[str]) -> frozenset[str]:
    return frozenset(choices(member, values, of=offer.grants, kind="grant type"))


def _signing_alg(offer: Offer, member: str, value: str) -> str:
    return choice(member, value, of=offer.signing_algs)


def _clients_alg(offer: Offer, member: str, value: str) -> str:
    return choice(member, value, of=offer.assertion_algs)


def _fetched(offer: Offer, member: str, value: str) -> str:
    return fetched_page(member, value, exceptions=offer.fetch_exceptions)


def _request_uris(offer: Offer, member: str, values: Sequence[str]) -> tuple[str, ...]:
    return each(partial(request_uri, exceptions=offer.fetch_exceptions))(member, values)


_OFFERED: Mapping[str, Callable[[Offer, str, Any], Any]] = {
    "grant_types": _grant_types,
    "token_endpoint_auth_signing_alg": _clients_alg,
    "request_object_signing_alg": _clients_alg,
    "jwks_uri": _fetched,
    "logo_uri": _fetched,
    "request_uris": _request_uris,
    **dict.fromkeys(SIGNED, _signing_alg),
}


def _audiences(member: str, values: Sequence[str]) -> frozenset[str]:
    return frozenset(each(audience)(member, values))


_PARSERS: Mapping[str, Callable[[str, Any], Any]] = {
    "client_name": name,
    "response_types": partial(choices, of=("code",), kind="response type"),
    "redirect_uris": each(redirect_uri),
    "scope": scope,
    "token_endpoint_auth_method": partial(choice, of=AUTH_METHODS),
    "resource_server": flag,
    "audiences": _audiences,
    "post_logout_redirect_uris": each(redirect_uri),
    "backchannel_logout_uri": logout_uri,
    "backchannel_logout_session_required": flag,
    "frontchannel_logout_uri": frontchannel_logout_uri,
    "frontchannel_logout_session_required": flag,
    "application_type": partial(choice, of=APPLICATION_TYPES),
    "subject_type": partial(choice, of=SUBJECT_TYPES),
    "sector_identifier_uri": web_page,
    "require_auth_time": flag,
    "default_acr_values": each(context_class),
    "first_party": flag,
    "require_pkce": flag,
    "require_signed_request_object": flag,
    "rate_limit_tier": tier,
    "jwks": key_set,
    "client_uri": web_page,
    "tos_uri": web_page,
    "policy_uri": web_page,
    "initiate_login_uri": login_uri,
    "contacts": each(name),
    "software_id": name,
    "software_version": name,
    **dict.fromkeys(SECONDS, seconds),
}
