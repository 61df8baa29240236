"""GET /: what this is, for whoever opens the address."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from identity_service import __version__
from identity_service.api.answers import cacheable_answer
from identity_service.domain.oauth.metadata import WELL_KNOWN
from identity_service.http.site import site

MAX_AGE = 60


async def information(request: Request) -> Response:
    """Name, version and where to go from here."""
    here = site(request)
    return cacheable_answer(request, information_members(here.issuer, docs=here.docs), max_age=MAX_AGE)


def information_members(issuer: str, *, docs: bool) -> dict[str, Any]:
    """What is told of a server with this issuer; `docs`: whether it serves its description."""
    return {
        "name": "identity-service",
        "version": __version__,
        "issuer": issuer,
        "links": {name: f"{issuer}{path}" for name, path in _links(docs=docs).items()},
    }


def _links(*, docs: bool) -> dict[str, str]:
    links = {"metadata": WELL_KNOWN, "jwks": "/.well-known/jwks.json", "health": "/health"}
    if docs:
        links |= {"documentation": "/docs", "reference": "/redoc", "openapi": "/openapi.json"}
    return links
