"""How the userinfo endpoint is described."""

from typing import Any

from identity_service.api.openapi import header
from identity_service.api.openapi_oauth2 import NO_NUL, NO_STORE, OTHERS, TOKEN, TOO_OFTEN, UNREAD, refusal
from identity_service.domain.oauth.errors import (
    InsufficientScope,
    InvalidBearerRequest,
    InvalidToken,
    TemporarilyUnavailable,
)
from identity_service.http.raw_form import FORM

SCHEME = "access_token"
CLAIMS = {
    "type": "object",
    "title": "UserInfo",
    "description": "The claims that the scope of the token stands for (OIDC Core §5.4), and those asked for by name.",
    "required": ["sub"],
    "properties": {
        "sub": {"type": "string", "description": "The same as in the ID token."},
        "name": {"type": "string"},
        "preferred_username": {"type": "string"},
        "email": {"type": "string"},
        "email_verified": {"type": "boolean"},
        "updated_at": {"type": "integer", "description": "Seconds since 1970."},
    },
    "additionalProperties": True,
    "examples": [
        {"sub": "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e", "preferred_username": "alice", "name": "Alice"}
    ],
}
_CHALLENGE = {"WWW-Authenticate": header("`Bearer`, and what is wrong (RFC 6750 §3).")}
USERINFO_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The claims; signed, where the client is registered for that (OIDC Core §5.3.2).",
        "headers": NO_STORE,
        "content": {
            "application/json": {"schema": CLAIMS},
            "application/jwt": {"schema": {"type": "string"}},
        },
    },
    400: refusal("The token is not sent as RFC 6750 §2 asks.", InvalidBearerRequest, headers=_CHALLENGE),
    401: refusal(
        "There is no token, or it is none of this server's, or it has ended.",
        InvalidToken,
        headers=_CHALLENGE,
    ),
    403: refusal(
        "The token has no `openid`, or speaks for no person.", InsufficientScope, headers=_CHALLENGE
    ),
    **UNREAD,
    **TOO_OFTEN,
    503: refusal(
        "The server cannot answer right now.",
        TemporarilyUnavailable,
        headers={"Retry-After": header("Seconds.")},
    ),
}


def userinfo_description(method: str) -> dict[str, Any]:
    """What it takes: the token in the header, or in a form."""
    secured: dict[str, Any] = {"security": [{SCHEME: []}]}
    if method == "GET":
        return secured
    form = {
        "type": "object",
        "properties": {"access_token": NO_NUL | {"description": "Instead of the header (RFC 6750 §2.2)."}},
        **OTHERS,
    }
    body = {"schema": form, "example": {"access_token": TOKEN}}
    return {"security": [{SCHEME: []}, {}], "requestBody": {"content": {FORM: body}}}
