"""How the endpoints that a browser is sent to are described: they answer people, with pages and redirects."""

from typing import Any

from identity_service.api.openapi import TOO_MANY, header, problem_response
from identity_service.api.openapi_oauth2 import CLIENT_ID, OTHERS
from identity_service.domain.oauth.authorize_request import DISPLAYS, PROMPTS
from identity_service.domain.oauth.authorize_target import LONGEST
from identity_service.domain.oauth.metadata import CHECK_SESSION
from identity_service.domain.oauth.pkce import METHOD
from identity_service.domain.oauth.response_modes import RESPONSE_MODES
from identity_service.domain.services.pictures import MEDIA_TYPES
from identity_service.http.raw_form import FORM

TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[^\\x00]*$"}
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
AUTHORIZE: dict[str, dict[str, Any]] = {
    "client_id": TEXT | {"description": "Who asks.", "examples": [CLIENT_ID]},
    "response_type": {"const": "code", "description": "Needed, here or in `request`."},
    "redirect_uri": TEXT | {"description": "One that the client has registered, byte for byte."},
    "scope": TEXT | {"description": "Space-separated; with `openid` the token endpoint gives an ID token."},
    "state": TEXT | {"description": "Comes back as it was sent."},
    "code_challenge": TEXT
    | {"pattern": "^[A-Za-z0-9_-]{43}$", "description": "RFC 7636.", "examples": [CHALLENGE]},
    "code_challenge_method": {"const": METHOD},
    "nonce": TEXT | {"description": "Comes back in the ID token."},
    "response_mode": {"enum": list(RESPONSE_MODES), "description": "How the answer travels."},
    "prompt": TEXT | {"description": f"`{PROMPTS[0]}`, or any of {', '.join(PROMPTS[1:])}."},
    "max_age": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "description": "Seconds."},
    "display": {"enum": list(DISPLAYS)},
    "login_hint": TEXT | {"description": "Fills in the name."},
    "id_token_hint": {"type": "string", "description": "The one person that will do."},
    "ui_locales": TEXT | {"description": "Languages, the best first.", "examples": ["de en"]},
    "acr_values": TEXT,
    "claims": {"type": "string", "description": "JSON (OIDC Core §5.5)."},
    "request": {"type": "string", "description": "All of it in a JWT that the client signed (RFC 9101)."},
    "request_uri": {
        "type": "string",
        "format": "uri",
        "description": "Where that JWT is published; as the metadata says, by `request_uri_parameter_supported`.",
    },
    "resource": {
        "type": "array",
        "items": {"type": "string", "format": "uri"},
        "description": "Whom the tokens are meant for (RFC 8707); may repeat.",
    },
}
ANY: dict[str, Any] = {"type": "string", "pattern": "^[^\\x00]*$"}
LOGOUT: dict[str, dict[str, Any]] = {
    "id_token_hint": ANY | {"description": "An ID token of the session that is to end."},
    "client_id": ANY,
    "post_logout_redirect_uri": ANY | {"description": "One that the client has registered."},
    "state": ANY | {"description": "Comes back as it was sent."},
    "logout_hint": ANY | {"description": "Taken, and nothing is decided by it."},
    "ui_locales": ANY | {"description": "Languages, the best first.", "examples": ["de en"]},
}
_ASKED = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": "https://shop.example/callback",
    "scope": "openid profile",
    "state": "af0ifjsldkj",
    "nonce": "n-0S6_WzA2Mj",
    "code_challenge": CHALLENGE,
    "code_challenge_method": METHOD,
}
_LEFT = {
    "client_id": CLIENT_ID,
    "post_logout_redirect_uri": "https://shop.example/goodbye",
    "state": "af0ifjsldkj",
}
_PAGE = {"text/html": {"schema": {"type": "string"}}}
_LOCATION = {"Location": header("The next page, or the client's redirect URI with the answer in its query.")}


def pages(*, session_management: bool) -> dict[str, Any]:
    """The paths, as OpenAPI has them."""
    return _sign_in() | ({CHECK_SESSION: {"get": _for_frames()}} if session_management else {})


def _sign_in() -> dict[str, Any]:
    return {
        "/oauth2/authorize": _both(
            "authorize",
            AUTHORIZE,
            example=_ASKED,
            required=("client_id",),
            summary="Let a person sign in and agree",
            text="Send a browser here (RFC 6749 §3.1, OIDC Core §3.1.2). The answer, `code` or `error` with `state` "
            "and `iss`, goes to the redirect URI. A fault in `client_id` or `redirect_uri` is shown to the person.",
        ),
        "/oauth2/logout": _both(
            "logout",
            LOGOUT,
            example=_LEFT,
            required=(),
            summary="Let a person sign out",
            text="Send a browser here (OpenID Connect RP-Initiated Logout 1.0). Without an ID token of the browser's "
            "own session the person is asked first. Clients of the session that have a `frontchannel_logout_uri` are "
            "shown in hidden frames of the page that follows.",
        ),
        "/logos/{digest}": {"get": _logo()},
    }


def _logo() -> dict[str, Any]:
    name = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The SHA-256 of the picture."}
    etag = {"ETag": header("The same digest: strong, and for ever.")}
    picture = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES}
    return {
        "operationId": "client_logo",
        "tags": ["OpenID Connect"],
        "summary": "A client's logo",
        "description": "The picture at a client's `logo_uri`, as this server keeps it and its pages show it.",
        "parameters": [{"name": "digest", "in": "path", "required": True, "schema": name}],
        "responses": {
            "200": {"description": "The picture.", "headers": etag, "content": picture},
            "304": {"description": "The caller has it (If-None-Match).", "headers": etag},
            "404": problem_response(404, "No client has this logo."),
            "503": problem_response(503, "The server cannot answer right now."),
        },
    }


def _for_frames() -> dict[str, Any]:
    return {
        "operationId": "check_session",
        "tags": ["OpenID Connect"],
        "summary": "Let a client's page see whether the session has changed",
        "description": "The page for a frame (OpenID Connect Session Management 1.0 §3.2), served with "
        "`SESSION_MANAGEMENT`.",
        "responses": {"200": {"description": "The page.", "content": _PAGE}},
    }


def _both(
    name: str,
    parameters: dict[str, dict[str, Any]],
    *,
    required: tuple[str, ...],
    summary: str,
    text: str,
    example: dict[str, str],
) -> dict[str, Any]:
    common = {"tags": ["OpenID Connect"], "summary": summary, "description": text, "responses": _answers()}
    # The form leads to the same request by GET, which alone is judged: that is where its faults are told.
    form = {"type": "object", "properties": dict.fromkeys(parameters, ANY), **OTHERS}
    return {
        "get": common
        | {
            "operationId": name,
            "parameters": [
                {"name": each, "in": "query", "required": each in required, "schema": schema}
                for each, schema in parameters.items()
            ],
        },
        "post": common
        | {
            "operationId": f"{name}_by_post",
            "requestBody": {"required": True, "content": {FORM: {"schema": form, "example": example}}},
        },
    }


def _answers() -> dict[str, Any]:
    return {
        "200": {
            "description": "A page; with `form_post` one that sends itself to the client.",
            "content": _PAGE,
        },
        "303": {"description": "On to the next page, or back to the client.", "headers": _LOCATION},
        "400": {"description": "A page that says what is wrong with the link.", "content": _PAGE},
        "413": {"description": "A page: the form has more than 65536 bytes.", "content": _PAGE},
        "415": {"description": "A page: the form is compressed.", "content": _PAGE},
        "429": {"description": "A page: too many requests.", "headers": TOO_MANY, "content": _PAGE},
        "503": {
            "description": "A page: the server cannot answer right now.",
            "headers": {"Retry-After": header("Seconds.")},
            "content": _PAGE,
        },
    }
