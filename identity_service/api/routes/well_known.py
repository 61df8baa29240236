"""GET /.well-known/jwks.json (RFC 7517) and /.well-known/oauth-authorization-server (RFC 8414)."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service.api.answers import document_answer
from identity_service.api.documents import Documents


async def jwks(request: Request) -> Response:
    """Public keys: the current one, the next one, and retired ones that still verify."""
    return document_answer(request, _documents(request).jwks())


async def authorization_server(request: Request) -> Response:
    """What the server can do, and where."""
    return document_answer(request, await _documents(request).metadata())


def _documents(request: Request) -> Documents:
    found: Documents = request.app.state.documents
    return found
