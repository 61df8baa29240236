"""GET /.well-known/jwks.json (RFC 7517) and /.well-known/oauth-authorization-server (RFC 8414)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import cacheable_answer
from identity_service.http.services import discovery
from identity_service.http.site import site

METADATA_MAX_AGE = 60
"""Seconds; the document changes with a deployment, or when the password grant comes or goes."""


async def jwks(request: Request) -> Response:
    """Public keys: the current one, the next one, and retired ones that still verify."""
    return cacheable_answer(request, discovery(request).publish_keys(), max_age=site(request).jwks_max_age)


async def authorization_server(request: Request) -> Response:
    """What the server can do, and where."""
    return cacheable_answer(request, await discovery(request).read_metadata(), max_age=METADATA_MAX_AGE)
