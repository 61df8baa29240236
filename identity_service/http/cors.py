"""Which pages of other origins may call which endpoints (Fetch standard, CORS protocol)."""

from collections.abc import Collection, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_HEADERS = "Authorization, Content-Type, X-Request-ID"
RESPONSE_HEADERS = "ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"
PREFLIGHT_SECONDS = 600


def allowed(origins: Collection[str]) -> frozenset[str]:
    """Those of the configured origins that can be allowed at all."""
    return frozenset(origins) - {"null", "*"}


class BrowserEndpoints:
    """Lets scripts on the allowed origins read the answers of the named paths, and of no others.

    Cookies are never allowed: `Access-Control-Allow-Credentials` is not sent. An opaque origin (`null`: a sandboxed
    frame, a file) is nobody's and cannot be allowed.
    """

    def __init__(self, app: ASGIApp, *, paths: Mapping[str, str], origins: Collection[str]) -> None:
        """`paths` names the method that each path is called with."""
        self._app = app
        self._origins = allowed(origins)
        self._paths = dict(paths) if self._origins else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = self._paths.get(scope["path"]) if scope["type"] == "http" else None
        if method is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.getlist("origin")
        origin = given[0] if len(given) == 1 and given[0] in self._origins else None
        if origin is not None and _is_preflight(scope, headers):
            await _preflight(origin, method)(scope, receive, send)
            return
        await self._app(scope, receive, _Sharing(send, origin))


def _is_preflight(scope: Scope, headers: Headers) -> bool:
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


def _preflight(origin: str, method: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": method,
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Origin",
        },
    )


class _Sharing:
    """`send`, with the headers that let a script read the answer. `Vary` is there for every origin and for none, or a
    cache would hand one origin's answer to another."""

    def __init__(self, send: Send, origin: str | None) -> None:
        self._send = send
        self._origin = origin

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Origin")
            if self._origin is not None:
                headers["Access-Control-Allow-Origin"] = self._origin
                headers["Access-Control-Expose-Headers"] = RESPONSE_HEADERS
        await self._send(message)
