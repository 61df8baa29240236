"""Which methods a path has."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.routing import compile_path

from identity_service.http.requests import Route

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(request: Request) -> str:
    """The value of `Allow` (RFC 9110 §10.2.1): the union over every route of the resource.

    Of several patterns that the path fits, the first is its resource: `/users/me` is nobody's `/users/{user_id}`.
    HEAD goes wherever GET goes, and OPTIONS wherever anything does.
    """
    path = request.scope["path"]
    routes = [route for route in iter_route_contexts(request.app.routes) if _fits(route.path, path)]
    methods = {method for route in routes if route.path == routes[0].path for method in route.methods or ()}
    allowed = [method for method in METHODS if method in methods]
    if "GET" in allowed:
        allowed.append("HEAD")
    return ", ".join([*allowed, "OPTIONS"])


def every_route(app: FastAPI) -> Iterator[Route]:
    """Each method of each path that the application answers at."""
    for route in iter_route_contexts(app.routes):
        if route.path is not None:
            yield from (Route(method, route.path) for method in METHODS if method in (route.methods or ()))


def _fits(pattern: str | None, path: str) -> bool:
    return pattern is not None and compile_path(pattern)[0].match(path) is not None
