"""How the members of an order become members of a client."""

from collections.abc import Mapping
from typing import Any

from identity_service.domain.entities.client import Client
from identity_service.domain.oauth.client_metadata import DESCRIPTIVE, Offer, accepted
from identity_service.domain.oauth.client_rules import check_together
from identity_service.domain.refusals import Unacceptable
from identity_service.ports.tokens.key_sets import KeySets, UnusableKey

DECISIVE = (
    "client_name",
    "grant_types",
    "response_types",
    "redirect_uris",
    "scope",
    "token_endpoint_auth_method",
    "resource_server",
    "audiences",
    "access_token_ttl",
    "refresh_token_ttl",
    "refresh_reuse_grace",
    "access_token_signed_response_alg",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "backchannel_logout_session_required",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
    "application_type",
    "subject_type",
    "sector_identifier_uri",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "first_party",
    "require_pkce",
    "jwks",
    "jwks_uri",
    "token_endpoint_auth_signing_alg",
    "request_uris",
    "request_object_signing_alg",
    "require_signed_request_object",
    "rate_limit_tier",
)
"""What decides something about a client; the others describe it."""


class ClientMembers:
    """Turns what was ordered into the members of a client, by the rules of this server: what it offers, its default
    audience."""

    def __init__(self, *, offer: Offer, default_audience: str, key_sets: KeySets) -> None:
        self._offer = offer
        self._default_audience = default_audience
        self._key_sets = key_sets

    def of(self, ordered: Mapping[str, Any], *, client: Client | None = None) -> dict[str, Any]:
        """All members of the client once the order is carried out on it, or of a new client.

        A resource server that names no audience introspects for the default one; one that is a resource server no
        longer loses its audiences. Raises Unacceptable.
        """
        before = {} if client is None else _members(client)
        members = before | accepted(ordered, offer=self._offer)
        self._check_keys(ordered)
        if members["resource_server"] and not members["audiences"]:
            members["audiences"] = frozenset((self._default_audience,))
        if not members["resource_server"] and "audiences" not in ordered:
            members["audiences"] = frozenset()
        check_together(members)
        described = {member: members.pop(member) for member in DESCRIPTIVE if member in members}
        members["metadata"] = {name: value for name, value in described.items() if value is not None}
        return members

    def _check_keys(self, ordered: Mapping[str, Any]) -> None:
        if (jwks := ordered.get("jwks")) is None:
            return
        try:
            self._key_sets.check(jwks)
        except UnusableKey as error:
            member = "jwks" if error.at is None else f"jwks/keys/{error.at}"
            raise Unacceptable.of(member, error.reason) from None


def _members(client: Client) -> dict[str, Any]:
    return {member: getattr(client, member) for member in DECISIVE} | dict(client.metadata)
