"""How the open documents and the probes are described."""

from typing import Any

from identity_service.api.openapi import header, problem_response

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


def document(schema: dict[str, Any], text: str) -> dict[int | str, dict[str, Any]]:
    """Responses of a document that anybody may keep for a while."""
    kept = {
        "ETag": header("The version of the document."),
        "Cache-Control": header("`public`, and how long."),
    }
    return {
        200: {"description": text, "headers": kept, "content": {"application/json": {"schema": schema}}},
        304: {"description": "The caller has it already.", "headers": kept},
        503: problem_response("The server cannot answer right now."),
    }
