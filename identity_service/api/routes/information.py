"""GET /: what this is, for whoever opens the address."""

from starlette.requests import Request
from starlette.responses import Response

from identity_service import __version__
from identity_service.api.answers import cacheable_answer
from identity_service.domain.oauth.metadata import WELL_KNOWN
from identity_service.http.site import Site, site

MAX_AGE = 60


async def information(request: Request) -> Response:
    """Name, version and where to go from here."""
    here = site(request)
    members = {
        "name": "identity-service",
        "version": __version__,
        "issuer": here.issuer,
        "links": {name: f"{here.issuer}{path}" for name, path in _links(here).items()},
    }
    return cacheable_answer(request, members, max_age=MAX_AGE)


def _links(here: Site) -> dict[str, str]:
    links = {"metadata": WELL_KNOWN, "jwks": "/.well-known/jwks.json", "health": "/health"}
    if here.docs:
        links |= {"documentation": "/docs", "reference": "/redoc", "openapi": "/openapi.json"}
    return links
