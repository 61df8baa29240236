"""Which members of a client do not go together, whatever each may be alone.

What `application_type` allows (OIDC Registration §2, read with RFC 8252): a web client comes back to https, or to http
on loopback while it is developed; a private-use scheme, which any app on a device may claim, is for native clients. A
native client may have any URI that can be registered at all, https included, since its operating system may hand it
that one too (RFC 8252 §7.2).
"""

from collections.abc import Callable, Mapping
from typing import Any

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.subjects import sector
from identity_service.domain.refusals import Fault, Unacceptable
from identity_service.domain.value_objects.redirect_uri import has_private_use_scheme, web_origin


def check_together(members: Mapping[str, Any]) -> None:
    """Rules between members of a complete client, after `accepted`.

    Raises:
        Unacceptable: the client as a whole is none this server can serve safely.
    """
    faults = [Fault(member, text) for member, text, broken in _TOGETHER if broken(members)]
    if faults:
        raise Unacceptable(faults)


def check_stays_third_party(client: Client, members: Mapping[str, Any]) -> None:
    """Who registered itself says itself where people are sent back to, so people are always asked about it.

    Raises:
        Unacceptable: `members`, which are what the client is to become, have the mark of a first party.
    """
    if client.registered_by is not None and members["first_party"]:
        raise Unacceptable.of("first_party", "a client that registered itself cannot have this mark")


def _is_public(members: Mapping[str, Any]) -> bool:
    return bool(members["token_endpoint_auth_method"] == "none")


def _signs(members: Mapping[str, Any]) -> bool:
    return bool(members["token_endpoint_auth_method"] == "private_key_jwt")


def _has_keys(members: Mapping[str, Any]) -> bool:
    return members["jwks"] is not None or members["jwks_uri"] is not None


def _is_web_with_private_use(members: Mapping[str, Any], uris: str) -> bool:
    return members["application_type"] == "web" and any(map(has_private_use_scheme, members[uris]))


def _is_pairwise_without_sector(members: Mapping[str, Any]) -> bool:
    return (
        members["subject_type"] == "pairwise"
        and sector(members["redirect_uris"], members["sector_identifier_uri"]) is None
    )


def _is_framed_from_elsewhere(members: Mapping[str, Any]) -> bool:
    uri = members["frontchannel_logout_uri"]
    return uri is not None and web_origin(uri) not in map(web_origin, members["redirect_uris"])


_PRIVATE_USE = "private-use schemes are for clients whose application_type is native"


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
    (
        "redirect_uris",
        _PRIVATE_USE,
        lambda client: _is_web_with_private_use(client, "redirect_uris"),
    ),
    (
        "post_logout_redirect_uris",
        _PRIVATE_USE,
        lambda client: _is_web_with_private_use(client, "post_logout_redirect_uris"),
    ),
    (
        "frontchannel_logout_uri",
        "must have scheme, host and port of a redirect URI (OpenID Connect Front-Channel Logout section 2)",
        _is_framed_from_elsewhere,
    ),
    (
        "sector_identifier_uri",
        "a pairwise client needs one on a host of its own, unless its redirect URIs are all on one such host",
        _is_pairwise_without_sector,
    ),
    (
        "redirect_uris",
        "the grant authorization_code needs a redirect URI to answer to",
        lambda client: "authorization_code" in client["grant_types"] and not client["redirect_uris"],
    ),
    (
        "scope",
        "a pairwise client is not to know the account itself, which the scope account shows",
        lambda client: client["subject_type"] == "pairwise" and "account" in client["scope"],
    ),
    (
        "jwks",
        "a client that signs has either jwks or jwks_uri (RFC 7591 section 2)",
        lambda client: client["jwks"] is not None and client["jwks_uri"] is not None,
    ),
    (
        "token_endpoint_auth_method",
        "private_key_jwt needs jwks or jwks_uri",
        lambda client: _signs(client) and not _has_keys(client),
    ),
    (
        "token_endpoint_auth_signing_alg",
        "only a client of private_key_jwt signs its authentication",
        lambda client: not _signs(client) and client["token_endpoint_auth_signing_alg"] is not None,
    ),
    (
        "require_signed_request_object",
        "a client that signs its requests needs jwks or jwks_uri",
        lambda client: client["require_signed_request_object"] and not _has_keys(client),
    ),
    (
        "require_pkce",
        "a public client has nothing else to prove that a code is its own",
        lambda client: _is_public(client) and not client["require_pkce"],
    ),
)
