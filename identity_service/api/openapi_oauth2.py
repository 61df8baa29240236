"""How the OAuth endpoints are described: their bodies are read raw, so no framework can tell."""

from collections.abc import Iterable, Mapping
from typing import Any

from identity_service.api.openapi import TOO_MANY, header, ref
from identity_service.api.openapi_examples import refused
from identity_service.application.grants.base import Grant, GrantParameter
from identity_service.domain.oauth.client_assertion import ASSERTION_TYPE
from identity_service.domain.oauth.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidTarget,
    OAuthError,
    PayloadTooLarge,
    TemporarilyUnavailable,
    TooManyRequests,
    UnauthorizedClient,
    UnsupportedCoding,
    UnsupportedGrantType,
)
from identity_service.domain.oauth.parameters import MAX_NAME_CHARACTERS, MAX_PARAMETERS, NUL_ALLOWED
from identity_service.http.raw_form import FORM

CLIENT_ID = "0192f0c1-7a3e-7c55-9f2e-0f4b5a6c7d8e"
TOKEN = "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.e30.c2lnbmF0dXJl"
NO_NUL = {"type": "string", "pattern": "^[^\\x00]*$"}
TEXT = {"minLength": 1} | NO_NUL
SCOPE = r"^([\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*)?$"
OTHERS = {
    "propertyNames": {"maxLength": MAX_NAME_CHARACTERS, "pattern": "^[^\\x00]*$"},
    "additionalProperties": NO_NUL,
    "maxProperties": MAX_PARAMETERS,
}
"""What is not known is ignored (RFC 6749 §3.2), but must be well-formed and may not repeat."""
CLIENT = {
    "client_id": TEXT | {"description": "The client, where neither Basic nor an assertion names it."},
    "client_secret": TEXT | {"format": "password", "description": "`client_secret_post`."},
    "client_assertion": TEXT
    | {"description": "`private_key_jwt`: a JWT that the client signed (RFC 7523), which counts once."},
    "client_assertion_type": {"const": ASSERTION_TYPE},
}
COMMON = {
    "scope": {
        "type": "string",
        "pattern": SCOPE,
        "description": "Space-separated. Absent: what the client is registered for.",
    },
    "resource": {
        "type": "array",
        "items": NO_NUL | {"format": "uri"},
        "description": "Whom the token is meant for (RFC 8707); may repeat.",
    },
}
AUTHENTICATED: list[dict[str, list[str]]] = [{"client_secret_basic": []}, {}]
"""Basic, or members of the form."""
NO_STORE = {"Cache-Control": header("Nobody may keep the answer.", const="no-store")}
TOKEN_ANSWER = {
    "type": "object",
    "title": "TokenResponse",
    "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {
        "access_token": {"type": "string", "description": "A signed JWT (RFC 9068)."},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "minimum": 1, "description": "Seconds."},
        "scope": {"type": "string"},
        "refresh_token": {"type": "string", "description": "Where a person signed in."},
        "id_token": {"type": "string", "description": "Where the scope has `openid` (OIDC Core §3.1.3.3)."},
    },
}
TOKENS_TOLD = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": "openid offline_access",
    "refresh_token": "idr_...",
    "id_token": TOKEN,
}
TOKEN_REFUSALS = (
    InvalidRequest,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
)
INACTIVE = {
    "type": "object",
    "title": "InactiveToken",
    "description": "Unknown, ended, run out, or none of the caller's business.",
    "required": ["active"],
    "properties": {"active": {"const": False}},
    "additionalProperties": False,
}
ACTIVE = {
    "type": "object",
    "title": "ActiveToken",
    "required": ["active", "scope", "client_id", "sub", "aud", "iss", "token_type"],
    "properties": {
        "active": {"const": True},
        **{name: {"type": "string"} for name in ("scope", "client_id", "username", "sub", "iss", "jti")},
        "aud": {"type": ["string", "array"], "items": {"type": "string"}},
        "exp": {"type": "integer", "description": "Seconds since 1970."},
        "iat": {"type": "integer", "description": "Seconds since 1970."},
        "token_type": {"enum": ["Bearer", "refresh_token"]},
    },
}

STATES_TOLD = {
    "active": {
        "active": True,
        "scope": "openid",
        "client_id": CLIENT_ID,
        "username": "alice",
        "sub": "0192f0c1-8b2d-7f10-a4c9-1d2e3f405162",
        "aud": "https://id.example",
        "iss": "https://id.example",
        "exp": 1767226500,
        "iat": 1767225600,
        "jti": "0192f0c1-9a3c-7e21-b5d0-2e3f40516273",
        "token_type": "Bearer",
    },
    "inactive": {"active": False},
}


def token_description(grants: Iterable[Grant]) -> dict[str, Any]:
    """What the token endpoint takes: one form per grant, in the order of the registry."""
    grants = tuple(grants)
    body = {
        "schema": {"oneOf": [_grant_form(grant) for grant in grants]},
        "examples": {grant.name: {"value": _grant_example(grant)} for grant in grants},
    }
    return _form(body)


def introspect_description() -> dict[str, Any]:
    """What introspection takes."""
    return _form(_token_form("The access or refresh token to ask about."))


def revoke_description() -> dict[str, Any]:
    """What revocation takes."""
    return _form(_token_form("The access or refresh token to end."))


def responses(
    answer: Mapping[str, Any],
    text: str,
    *,
    examples: Mapping[str, Any],
    refusals: tuple[type[OAuthError], ...] = (InvalidRequest,),
) -> dict[int | str, dict[str, Any]]:
    """What an OAuth endpoint answers: this, or one of the refusals; `refusals` are those with status 400."""
    shown = {name: {"value": value} for name, value in examples.items()}
    return {
        200: {
            "description": text,
            "headers": NO_STORE,
            "content": {"application/json": {"schema": dict(answer), "examples": shown}},
        },
        400: refusal("The request, the grant or the scope is not acceptable.", *refusals),
        401: refusal(
            "The client did not authenticate.",
            InvalidClient,
            headers={"WWW-Authenticate": header("`Basic` with a realm (RFC 7617).")},
        ),
        **UNREAD,
        **TOO_OFTEN,
        503: refusal("The server cannot answer right now.", TemporarilyUnavailable, headers=_retry()),
    }


def refusal(text: str, *errors: type[OAuthError], headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One refusal of an OAuth endpoint (RFC 6749 §5.2), which shows these."""
    return {
        "description": text,
        "headers": NO_STORE | dict(headers or {}),
        "content": {"application/json": {"schema": ref("OAuthError"), "examples": refused(*errors)}},
    }


TOO_OFTEN: dict[int | str, dict[str, Any]] = {
    429: refusal("Too many requests, or too many attempts.", TooManyRequests, headers=TOO_MANY)
}
UNREAD: dict[int | str, dict[str, Any]] = {
    413: refusal("The body has more than 65536 bytes.", PayloadTooLarge),
    415: refusal("The body is compressed.", UnsupportedCoding),
}


def _retry() -> dict[str, Any]:
    return {"Retry-After": header("Seconds to wait.", type="integer")}


def _form(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {FORM: content}}, "security": AUTHENTICATED}


def _grant_form(grant: Grant) -> dict[str, Any]:
    return {
        "type": "object",
        "title": grant.name,
        "required": ["grant_type", *(each.name for each in grant.parameters if each.required)],
        "properties": {
            "grant_type": {"const": grant.name},
            **{parameter.name: _parameter(parameter) for parameter in grant.parameters},
            **COMMON,
            **CLIENT,
        },
        **OTHERS,
    }


def _parameter(parameter: GrantParameter) -> dict[str, Any]:
    secret = {"format": "password"} if parameter.secret else {}
    text = {"type": "string", "minLength": 1} if parameter.name in NUL_ALLOWED else TEXT
    return text | {"description": parameter.description} | secret


def _grant_example(grant: Grant) -> dict[str, str]:
    own = {parameter.name: parameter.example for parameter in grant.parameters}
    return {"grant_type": grant.name, **own, "client_id": CLIENT_ID, "client_secret": "ids_..."}


def _token_form(text: str) -> dict[str, Any]:
    hint = NO_NUL | {"description": "`access_token` or `refresh_token`; a wrong one does no harm."}
    properties = {"token": TEXT | {"description": text}, "token_type_hint": hint, **CLIENT}
    return {
        "schema": {"type": "object", "required": ["token"], "properties": properties, **OTHERS},
        "example": {"token": TOKEN, "client_id": CLIENT_ID, "client_secret": "ids_..."},
    }
