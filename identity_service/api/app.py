"""The JSON side: its routes and how they refuse."""

from fastapi import APIRouter

from identity_service.api.routes import clients, health, me, users
from identity_service.api.routes.oauth2.introspect import introspect
from identity_service.api.routes.oauth2.revoke import revoke
from identity_service.api.routes.oauth2.token import token


def router() -> APIRouter:
    """Every route, in the order of the documentation."""
    routes = APIRouter(redirect_slashes=False)
    routes.add_api_route("/oauth2/token", token, methods=["POST"], tags=["OAuth 2"])
    routes.add_api_route("/oauth2/introspect", introspect, methods=["POST"], tags=["OAuth 2"])
    routes.add_api_route("/oauth2/revoke", revoke, methods=["POST"], tags=["OAuth 2"])
    for part in (me.routes, users.routes, clients.routes):  # `/users/me` before `/users/{user_id}`
        routes.include_router(part)
    routes.add_api_route("/health/live", health.live, methods=["GET"], tags=["Operation"])
    return routes


BROWSER_PATHS = (
    "/oauth2/token",
    "/oauth2/revoke",
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
)
"""Endpoints that scripts on allowed origins may call."""
