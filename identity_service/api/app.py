"""The JSON side: its routes and how they refuse."""

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.routing import Route

from identity_service.api import docs
from identity_service.api.documents import JWKS
from identity_service.api.oauth2_routes import add_oauth2, add_registration, add_userinfo
from identity_service.api.openapi_health import ANSWERS
from identity_service.api.openapi_public import (
    INFORMATION,
    INFORMATION_TOLD,
    KEYS,
    KEYS_TOLD,
    METADATA,
    METADATA_TOLD,
    document,
)
from identity_service.api.routes import (
    clients,
    events,
    families,
    global_revocation,
    health,
    me,
    outbox,
    sign_ins,
    users,
    well_known,
)
from identity_service.api.routes.information import information
from identity_service.api.routes.oauth2.introspect import introspect
from identity_service.api.routes.oauth2.revoke import revoke
from identity_service.api.routes.oauth2.token import token
from identity_service.domain.oauth.metadata import OPENID_CONFIGURATION, WELL_KNOWN
from identity_service.http.site import Site


def router(site: Site) -> APIRouter:
    """Every route, in the order of the documentation."""
    routes = APIRouter()
    add_oauth2(routes, site)
    if site.registration:
        add_registration(routes)
    routes.routes.extend(global_revocation.routes.routes)
    add_userinfo(routes)
    _discovery(routes, site)
    # `/users/me` before `/users/{user_id}`
    below_users = (me.routes, families.own, sign_ins.routes, users.routes)
    for part in (*below_users, families.routes, clients.routes, outbox.routes, events.routes):
        routes.routes.extend(part.routes)  # as they are: `include_router` makes each of them anew
    _operation(routes)
    if site.docs:
        _docs(routes)
    return routes


QUERIES = ("/oauth2/introspect", "/.well-known/")
EVERYWHERE = ("/health",)
COMMANDS_TOO = ("/.well-known/",)


def serves(side: str, path: str) -> bool:
    """Whether an instance of this side (`all`, `query`, `command`) answers at this path.

    Keys and metadata are on both sides: whoever issues tokens must be able to say how they are verified.
    """
    if side == "all" or path.startswith(EVERYWHERE):
        return True
    if side == "query":
        return path.startswith(QUERIES)
    return path.startswith(COMMANDS_TOO) or not path.startswith(QUERIES)


def direct_routes(side: str) -> list[Route]:
    """What is answered without FastAPI's dependency machinery, which would cost introspection half as much again.

    They go before `router`, whose routes of the same paths describe them.
    """
    endpoints = {
        "/oauth2/introspect": introspect,
        "/oauth2/token": token,
        "/oauth2/revoke": revoke,
    }
    return [
        Route(path, endpoint, methods=["POST"], include_in_schema=False)
        for path, endpoint in endpoints.items()
        if serves(side, path)
    ]


def browser_paths(site: Site) -> Mapping[str, str]:
    """Endpoints that scripts on allowed origins may call, each with its method."""
    return {
        "/oauth2/token": "POST",
        "/oauth2/revoke": "POST",
        "/oauth2/userinfo": "GET",
        JWKS: "GET",
        **dict.fromkeys(site.metadata_paths, "GET"),
    }


def _discovery(routes: APIRouter, site: Site) -> None:
    routes.add_api_route(
        JWKS,
        well_known.jwks,
        methods=["GET"],
        tags=["Discovery"],
        operation_id="jwks",
        responses=document(KEYS, "The key set (RFC 7517 §5).", example=KEYS_TOLD),
    )
    operations = {WELL_KNOWN: "metadata", OPENID_CONFIGURATION: "openid_configuration"}
    for path in site.metadata_paths:
        routes.add_api_route(
            path,
            well_known.authorization_server,
            methods=["GET"],
            tags=["Discovery"],
            operation_id=operations.get(path),
            include_in_schema=path in operations,
            responses=document(
                METADATA, "The metadata (RFC 8414 §3.2, OIDC Discovery §4.2).", example=METADATA_TOLD
            ),
        )
    routes.add_api_route(
        "/",
        information,
        methods=["GET"],
        tags=["Discovery"],
        operation_id="information",
        responses=document(INFORMATION, "Name, version and links.", example=INFORMATION_TOLD),
    )


def _operation(routes: APIRouter) -> None:
    for path, check in {
        "/health": health.health,
        "/health/live": health.live,
        "/health/ready": health.ready,
    }.items():
        routes.add_api_route(
            path,
            check,
            methods=["GET"],
            tags=["Operation"],
            operation_id=check.__name__,
            responses=ANSWERS[path],
        )


def _docs(routes: APIRouter) -> None:
    for path, page in {
        "/docs": docs.swagger,
        "/docs/start.js": docs.start,
        "/docs/assets/{name}": docs.asset,
        "/redoc": docs.redoc,
        "/openapi.json": docs.openapi,
    }.items():
        routes.add_api_route(path, page, methods=["GET"], include_in_schema=False)
