"""Which methods a path has."""

from starlette.requests import Request
from starlette.routing import Match

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """The value of `Allow` (RFC 9110 §10.2.1): the union over every route of the path.

    HEAD goes wherever GET goes, and OPTIONS wherever anything does.
    """
    allowed = [method for method in METHODS if _is_routed(request, method)]
    if "GET" in allowed:
        allowed.append("HEAD")
    return ", ".join([*allowed, "OPTIONS"])


def _is_routed(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
