"""GET /docs, /redoc and /openapi.json: the description of the API and two readers of it, served from here alone."""

from pathlib import Path

import fastapi_offline
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from identity_service.api.answers import cacheable_answer
from identity_service.api.openapi import description
from identity_service.api.openapi_pages import pages
from identity_service.api.openapi_registration import SCHEMES
from identity_service.http.security_headers import PERMISSIONS_POLICY
from identity_service.http.site import site

ASSETS = StaticFiles(directory=Path(fastapi_offline.__file__).with_name("static"))
SERVED = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"})
MAX_AGE = 300

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # both readers write style elements while they run
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",  # ReDoc searches in a worker that it makes itself
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing is fetched from, or sent to, anywhere else, whatever the readers would like."""
PAGE = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}

# Links are relative, so that the pages also work below the path of an issuer.
SWAGGER = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>identity-service: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: "none",
  presets: [SwaggerUIBundle.presets.apis],
});
"""
REDOC = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>identity-service: API reference</title>
<link rel="icon" href="data:,">
</head>
<body>
<redoc spec-url="openapi.json"></redoc>
<script src="docs/assets/redoc.standalone.js"></script>
</body>
</html>
"""


async def openapi(request: Request) -> Response:
    """The description itself."""
    described = pages(session_management=site(request).session_management)
    schemes = SCHEMES if site(request).registration else {}
    return cacheable_answer(
        request, description(request.app, pages=described, schemes=schemes), max_age=MAX_AGE
    )


async def swagger(request: Request) -> Response:
    """The description to read and to try."""
    return _page(SWAGGER)


async def redoc(request: Request) -> Response:
    """The description as a reference."""
    return _page(REDOC)


async def start(request: Request) -> Response:
    """Starts Swagger UI: a file of its own, so that no script has to be inline."""
    return Response(START, headers=_kept(), media_type="text/javascript")


async def asset(request: Request) -> Response:
    """A file of the readers, from the installed package."""
    name = request.path_params["name"]
    if name not in SERVED:
        raise HTTPException(404)
    answer = await ASSETS.get_response(name, request.scope)
    answer.headers.update(_kept())
    return answer


def _page(html: str) -> Response:
    return HTMLResponse(html, headers=_kept() | PAGE)


def _kept() -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={MAX_AGE}"}
