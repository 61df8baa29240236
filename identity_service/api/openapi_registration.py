"""How dynamic client registration is described: its bodies are read by our own reader, so no framework can tell."""

from typing import Any

from identity_service.api.openapi import header
from identity_service.api.openapi_oauth2 import CLIENT_ID, NO_STORE, TOO_OFTEN, UNREAD, refusal
from identity_service.domain.oauth.client_registration import REGISTERED, Kind
from identity_service.domain.oauth.errors import (
    AccessDenied,
    InsufficientScope,
    InvalidRedirectUri,
    InvalidRequest,
    InvalidToken,
    TemporarilyUnavailable,
)
from identity_service.domain.oauth.metadata import REGISTRATION
from identity_service.domain.oauth.registration_errors import InvalidClientMetadata
from identity_service.http.raw_json import JSON

INITIAL, OWN = "initial_access_token", "registration_access_token"
SCHEMES = {
    INITIAL: {
        "type": "http",
        "scheme": "bearer",
        "description": "What an operator hands out (RFC 7591 §3). Not needed where CLIENT_REGISTRATION is `open`.",
    },
    OWN: {
        "type": "http",
        "scheme": "bearer",
        "description": "What a registration answers (RFC 7592 §3).",
    },
}
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": ["string", "null"]},
    Kind.TEXTS: {"type": ["array", "null"], "items": {"type": "string"}},
    Kind.FLAG: {"type": ["boolean", "null"]},
    Kind.NUMBER: {"type": ["integer", "null"]},
    Kind.OBJECT: {"type": ["object", "null"]},
}
_MEMBERS = {name: _KINDS[member.kind] for name, member in REGISTERED.items()}
_EXAMPLE = {
    "client_name": "Photo Album",
    "redirect_uris": ["https://album.example/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
    "scope": "openid profile offline_access",
}
_METADATA = {
    "type": "object",
    "title": "ClientMetadata",
    "description": "RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2. Other members are ignored.",
    "required": ["redirect_uris"],
    "properties": _MEMBERS,
}
_UPDATE = _METADATA | {
    "title": "ClientUpdate",
    "required": ["client_id", "redirect_uris"],
    "properties": {
        "client_id": {"type": "string"},
        "client_secret": {"type": "string", "description": "If it is sent, one that the client has."},
        **_MEMBERS,
    },
}
_ANSWER = {
    "type": "object",
    "title": "ClientInformation",
    "description": "RFC 7591 §3.2.1, RFC 7592 §3: what is registered, which may be less than was asked for.",
    "required": ["client_id", "registration_access_token", "registration_client_uri"],
    "properties": {
        "client_id": {"type": "string"},
        "client_id_issued_at": {"type": "integer", "description": "Seconds since 1970."},
        "client_secret": {"type": "string", "description": "In the answer that made it."},
        "client_secret_expires_at": {"type": "integer", "description": "0: never. With `client_secret`."},
        "registration_access_token": {"type": "string"},
        "registration_client_uri": {"type": "string", "format": "uri"},
        **_MEMBERS,
    },
}
_REGISTERED = {
    "client_id": CLIENT_ID,
    "client_id_issued_at": 1767225600,
    "registration_access_token": "idg_...",
    "registration_client_uri": f"https://id.example{REGISTRATION}/{CLIENT_ID}",
    **_EXAMPLE,
}
_CLIENT_ID = {
    "name": "client_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "example": CLIENT_ID,
}
_CHALLENGE = {"WWW-Authenticate": header("`Bearer`, and what is wrong (RFC 6750 §3).")}
_RETRY = {"Retry-After": header("Seconds.", type="integer")}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: refusal(
        "The metadata is not acceptable (RFC 7591 §3.2.2), or the request is malformed.",
        InvalidRequest,
        InvalidClientMetadata,
        InvalidRedirectUri,
    ),
    401: refusal("The token is missing, or not good.", InvalidToken, headers=_CHALLENGE),
    503: refusal("The server cannot answer right now.", TemporarilyUnavailable, headers=_RETRY),
}


def registration_answers(method: str) -> dict[int | str, dict[str, Any]]:
    """What each method is answered with."""
    gone: dict[int | str, dict[str, Any]] = {204: {"description": "The client is gone.", "headers": NO_STORE}}
    told = {"headers": NO_STORE, "content": {JSON: {"schema": _ANSWER, "example": _REGISTERED}}}
    administered: dict[int | str, dict[str, Any]] = {
        403: refusal(
            "An administrator has given this client more than it may handle.",
            InsufficientScope,
            headers=_CHALLENGE,
        )
    }
    full: dict[int | str, dict[str, Any]] = {
        403: refusal("This server takes no more clients that register without a token.", AccessDenied)
    }
    answers: dict[str, dict[int | str, dict[str, Any]]] = {
        "POST": {201: told | {"description": "The new client."}} | full | UNREAD,
        "GET": {200: told | {"description": "The registration, without a secret."}},
        "PUT": {
            200: told
            | {"description": "The registration as it is now, with a new registration access token."}
        }
        | administered
        | UNREAD,
        "DELETE": gone | administered,
    }
    return answers[method] | _REFUSALS | TOO_OFTEN


def registration_description(method: str) -> dict[str, Any]:
    """What each method takes."""
    secured: dict[str, Any] = (
        {"security": [{INITIAL: []}, {}]}
        if method == "POST"
        else {"security": [{OWN: []}], "parameters": [_CLIENT_ID]}
    )
    bodies = {
        "POST": {"schema": _METADATA, "example": _EXAMPLE},
        "PUT": {"schema": _UPDATE, "example": {"client_id": CLIENT_ID, **_EXAMPLE}},
    }
    if method not in bodies:
        return secured
    return secured | {"requestBody": {"required": True, "content": {JSON: bodies[method]}}}
