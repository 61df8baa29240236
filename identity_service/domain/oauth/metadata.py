"""What the server says about itself to programs (RFC 8414 §2, OpenID Connect Discovery 1.0 §3)."""

from collections.abc import Iterable
from typing import Any

from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.oauth.authorize_request import DISPLAYS, PROMPTS
from identity_service.domain.oauth.claims import SCOPE_CLAIMS, STANDARD_CLAIMS
from identity_service.domain.oauth.pkce import METHOD
from identity_service.domain.oauth.response_modes import RESPONSE_MODES
from identity_service.domain.services.sign_in import ACR_VALUES
from identity_service.domain.value_objects.scope import RESERVED

WELL_KNOWN = "/.well-known/oauth-authorization-server"
"""RFC 8414 §3: before the path of the issuer, where that has one."""
OPENID_CONFIGURATION = "/.well-known/openid-configuration"
"""OIDC Discovery §4: behind the path of the issuer."""
CHECK_SESSION = "/oauth2/check-session"
REGISTRATION = "/oauth2/register"
GLOBAL_REVOCATION = "/global-token-revocation"
OWN_SCOPES = (*SCOPE_CLAIMS, "offline_access", "account", *sorted(RESERVED))
"""The scopes that this server itself gives a meaning to; those of other resources are no business of this document."""
PROTOCOL_CLAIMS = (
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "sid",
)
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
CONFIDENTIAL_METHODS = (*SECRET_METHODS, "private_key_jwt")
ALL_METHODS = (*CONFIDENTIAL_METHODS, "none")
ONLY_WHEN_USED = frozenset({"password"})
"""Grants that nobody should discover where no client has them (RFC 9700 §2.4)."""


def authorization_server_metadata(
    *,
    issuer: str,
    grant_types: Iterable[str],
    signing_algs: Iterable[str],
    ui_locales: Iterable[str],
    documentation: bool,
    introspects_by_key: bool = True,
    session_management: bool = False,
    registration: bool = False,
    request_uris: bool = False,
) -> dict[str, Any]:
    """The members of RFC 8414 §2 and OIDC Discovery §3 that hold today: one document under both addresses.

    A list without elements is left out (RFC 8414 §3.2). What is `False` here is stated because its default is true, or
    because clients ask.

    Args:
        issuer: without a slash at its end; every URL begins with it.
        grant_types: what clients can use at the token endpoint.
        signing_algs: what ID tokens and userinfo answers can be signed with.
        ui_locales: the languages of the pages.
        documentation: whether /docs is served.
        introspects_by_key: whether clients can sign for introspection; not where nothing may be written.
        session_management: whether there is a page for frames.
        registration: whether programs can register themselves.
        request_uris: whether request objects are fetched from where clients have registered them.
    """
    algs = list(signing_algs)
    members: dict[str, Any] = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth2/token",
        "token_endpoint_auth_methods_supported": list(ALL_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "introspection_endpoint_auth_methods_supported": list(
            CONFIDENTIAL_METHODS if introspects_by_key else SECRET_METHODS
        ),
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "revocation_endpoint_auth_methods_supported": list(ALL_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "global_token_revocation_endpoint": f"{issuer}{GLOBAL_REVOCATION}",
        "global_token_revocation_endpoint_auth_methods_supported": ["Bearer"],
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "grant_types_supported": list(grant_types),
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "authorization_response_iss_parameter_supported": True,
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "code_challenge_methods_supported": [METHOD],
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "userinfo_signing_alg_values_supported": algs,
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algs,
        "acr_values_supported": list(ACR_VALUES),
        "display_values_supported": list(DISPLAYS),
        "prompt_values_supported": list(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": [*PROTOCOL_CLAIMS, *STANDARD_CLAIMS],
        "ui_locales_supported": list(ui_locales),
        "scopes_supported": list(OWN_SCOPES),
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "request_uri_parameter_supported": request_uris,
    }
    if introspects_by_key:
        members["introspection_endpoint_auth_signing_alg_values_supported"] = list(SIGNING_ALGORITHMS)
    if request_uris:
        members["require_request_uri_registration"] = True
    if session_management:
        members["check_session_iframe"] = f"{issuer}{CHECK_SESSION}"
    if registration:
        members["registration_endpoint"] = f"{issuer}{REGISTRATION}"
    if documentation:
        members["service_documentation"] = f"{issuer}/docs"
    return members
