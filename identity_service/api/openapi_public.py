"""How the open documents and the probes are described."""

from typing import Any

from identity_service.api.openapi import header, problem_response
from identity_service.api.routes.information import information_members
from identity_service.domain.oauth.metadata import authorization_server_metadata
from identity_service.i18n.catalogues import languages

KEYS = {
    "type": "object",
    "title": "JwkSet",
    "required": ["keys"],
    "properties": {
        "keys": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["kty", "kid", "alg", "use"],
                "properties": {name: {"type": "string"} for name in ("kty", "kid", "alg", "use", "n", "e")},
                "not": {"required": ["d"]},
            },
        }
    },
}
METADATA = {
    "type": "object",
    "title": "AuthorizationServerMetadata",
    "description": "RFC 8414 §2.",
    "required": [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
    ],
    "properties": {
        "issuer": {"type": "string", "format": "uri"},
        "authorization_endpoint": {"type": "string", "format": "uri"},
        "token_endpoint": {"type": "string", "format": "uri"},
        "userinfo_endpoint": {"type": "string", "format": "uri"},
        "jwks_uri": {"type": "string", "format": "uri"},
        "grant_types_supported": {"type": "array", "items": {"type": "string"}},
        "response_types_supported": {"type": "array", "items": {"type": "string"}},
    },
}
INFORMATION = {
    "type": "object",
    "title": "Information",
    "required": ["name", "version", "issuer", "links"],
    "properties": {
        "name": {"const": "identity-service"},
        "version": {"type": "string"},
        "issuer": {"type": "string", "format": "uri"},
        "links": {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}},
    },
}

_ISSUER = "https://id.example"
A_KEY = {"kty": "RSA", "kid": "0192f0c1-5e11", "alg": "RS256", "use": "sig", "n": "xGOr-H7A…", "e": "AQAB"}
KEYS_TOLD = {"keys": [A_KEY]}
METADATA_TOLD = authorization_server_metadata(
    ui_locales=languages(),
    issuer=_ISSUER,
    grant_types=("authorization_code", "refresh_token", "client_credentials"),
    signing_algs=("RS256",),
    documentation=True,
)
INFORMATION_TOLD = information_members(_ISSUER, docs=True)


def document(
    schema: dict[str, Any], text: str, *, example: dict[str, Any]
) -> dict[int | str, dict[str, Any]]:
    """Responses of a document that anybody may keep for a while."""
    kept = {
        "ETag": header("The version of the document."),
        "Cache-Control": header("`public`, and how long."),
    }
    return {
        200: {
            "description": text,
            "headers": kept,
            "content": {"application/json": {"schema": schema, "example": example}},
        },
        304: {"description": "The caller has it already.", "headers": kept},
        503: problem_response(503, "The server cannot answer right now."),
    }
