"""GET /logos/{digest}: the logo of a client, from ourselves, so that its site does not learn who signs in where."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from identity_service.http.services import sign_in
from identity_service.web.static import unchanging

PATH = "/logos/{digest}"


async def logo(request: Request) -> Response:
    """The picture; its name is its content."""
    found = await sign_in(request).show_logo(request.path_params["digest"])
    if found is None:
        raise HTTPException(404)
    return unchanging(request, found.body, media_type=found.media_type, etag=f'"{found.digest}"')
