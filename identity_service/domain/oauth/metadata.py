"""What the server says about itself to programs (RFC 8414 §2)."""

from collections.abc import Iterable
from typing import Any

from identity_service.domain.value_objects.scope import RESERVED

WELL_KNOWN = "/.well-known/oauth-authorization-server"
"""RFC 8414 §3."""
OWN_SCOPES = ("account", *sorted(RESERVED))
"""The scopes that this server itself gives a meaning to; those of other resources are no business of this document."""
CONFIDENTIAL_METHODS = ("client_secret_basic", "client_secret_post")
ALL_METHODS = (*CONFIDENTIAL_METHODS, "none")
ONLY_WHEN_USED = frozenset({"password"})
"""Grants that nobody should discover where no client has them (RFC 9700 §2.4)."""


def authorization_server_metadata(
    *, issuer: str, grant_types: Iterable[str], documentation: bool
) -> dict[str, Any]:
    """The members of RFC 8414 §2 that hold today.

    A list without elements is left out (§3.2), with one exception: `response_types_supported` is REQUIRED, so that
    readers look for it before they look into it, and while there is no authorization endpoint it is an empty list.
    `code_challenge_methods_supported` is absent for as long: absent means no PKCE. `request_uri_parameter_supported`
    is stated because its default is true.

    Args:
        issuer: without a slash at its end; every URL begins with it.
        grant_types: what clients can use at the token endpoint.
        documentation: whether /docs is served.
    """
    members: dict[str, Any] = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth2/token",
        "token_endpoint_auth_methods_supported": list(ALL_METHODS),
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL_METHODS),
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": list(ALL_METHODS),
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(grant_types),
        "response_types_supported": [],
        "scopes_supported": list(OWN_SCOPES),
        "request_uri_parameter_supported": False,
    }
    if documentation:
        members["service_documentation"] = f"{issuer}/docs"
    return members
