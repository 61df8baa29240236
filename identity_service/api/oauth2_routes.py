"""The routes of OAuth 2 and OpenID Connect, as OpenAPI describes them."""

from fastapi import APIRouter

from identity_service.api.openapi_oauth2 import (
    ACTIVE,
    INACTIVE,
    STATES_TOLD,
    TOKEN_ANSWER,
    TOKEN_REFUSALS,
    TOKENS_TOLD,
    introspect_description,
    responses,
    revoke_description,
    token_description,
)
from identity_service.api.openapi_registration import registration_answers, registration_description
from identity_service.api.openapi_userinfo import USERINFO_ANSWERS, userinfo_description
from identity_service.api.routes.oauth2 import userinfo
from identity_service.api.routes.oauth2.introspect import introspect
from identity_service.api.routes.oauth2.register import (
    delete_registration,
    get_registration,
    register,
    update_registration,
)
from identity_service.api.routes.oauth2.revoke import revoke
from identity_service.api.routes.oauth2.token import token
from identity_service.domain.oauth.metadata import REGISTRATION
from identity_service.http.site import Site


def add_oauth2(routes: APIRouter, site: Site) -> None:
    """The endpoints that issue, tell of and revoke tokens."""
    routes.add_api_route(
        "/oauth2/token",
        token,
        methods=["POST"],
        tags=["OAuth 2"],
        operation_id="token",
        responses=responses(
            TOKEN_ANSWER,
            "The tokens (RFC 6749 §5.1).",
            examples={"tokens": TOKENS_TOLD},
            refusals=TOKEN_REFUSALS,
        ),
        openapi_extra=token_description(site.grants),
    )
    routes.add_api_route(
        "/oauth2/introspect",
        introspect,
        methods=["POST"],
        tags=["OAuth 2"],
        operation_id="introspect",
        responses=responses(
            {"oneOf": [ACTIVE, INACTIVE]},
            "What the caller may know (RFC 7662 §2.2).",
            examples=STATES_TOLD,
        ),
        openapi_extra=introspect_description(),
    )
    routes.add_api_route(
        "/oauth2/revoke",
        revoke,
        methods=["POST"],
        tags=["OAuth 2"],
        operation_id="revoke",
        responses=responses(
            {"type": "object", "maxProperties": 0},
            "Whatever the token was (RFC 7009 §2.2).",
            examples={"always": {}},
        ),
        openapi_extra=revoke_description(),
    )


def add_registration(routes: APIRouter) -> None:
    """Where programs register themselves."""
    own = f"{REGISTRATION}/{{client_id}}"
    for method, path, endpoint, status in (
        ("POST", REGISTRATION, register, 201),
        ("GET", own, get_registration, 200),
        ("PUT", own, update_registration, 200),
        ("DELETE", own, delete_registration, 204),
    ):
        routes.add_api_route(
            path,
            endpoint,
            methods=[method],
            tags=["OAuth 2"],
            operation_id=endpoint.__name__,
            status_code=status,
            responses=registration_answers(method),
            openapi_extra=registration_description(method),
        )


def add_userinfo(routes: APIRouter) -> None:
    """What a client may know of a person."""
    for method, endpoint in (("GET", userinfo.userinfo), ("POST", userinfo.userinfo_by_post)):
        routes.add_api_route(
            "/oauth2/userinfo",
            endpoint,
            methods=[method],
            tags=["OpenID Connect"],
            operation_id=endpoint.__name__,
            responses=USERINFO_ANSWERS,
            openapi_extra=userinfo_description(method),
        )
