"""What an application instance tells about itself: plain values, taken from the settings at the start."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from identity_service.application.grants.base import Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Links are built from `issuer` and from nothing that a request carries.

    `docs` says whether the documentation is served, `jwks_max_age` is seconds; the API description follows `grants`.
    """

    issuer: str
    docs: bool
    jwks_max_age: int
    grants: tuple[Grant, ...]

    @property
    def issuer_path(self) -> str:
        """The path of the issuer, empty for most; a proxy in front takes it off."""
        return urlsplit(self.issuer).path


def site(request: Request) -> Site:
    """The site of the instance that the request reached."""
    found: Site = request.app.state.site
    return found
