"""What an application instance tells about itself: plain values, taken from the settings at the start."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from starlette.requests import Request

from identity_service.application.grants.base import Grant
from identity_service.domain.oauth.metadata import OPENID_CONFIGURATION, WELL_KNOWN
from identity_service.domain.services.password_policy import FEWEST


@dataclass(frozen=True, kw_only=True)
class Site:
    """Links are built from `issuer` and from nothing that a request carries.

    `docs` says whether the documentation is served, `session_management` whether there is a page for frames,
    `registration` whether programs can register themselves, `https_for_seconds` how long browsers are told to insist on
    https; `jwks_max_age` is seconds; the API description follows `grants`. A new
    password has at least `password_fewest` characters.
    """

    issuer: str
    docs: bool
    jwks_max_age: int
    grants: tuple[Grant, ...]
    session_management: bool = False
    https_for_seconds: int = 0
    registration: bool = False
    password_fewest: int = FEWEST

    @property
    def metadata_paths(self) -> tuple[str, ...]:
        """Where the metadata is: as RFC 8414 §3.1 and §5 and as OIDC Discovery §4 put it, with and without the path of
        the issuer, which a proxy in front may have taken off."""
        path = self.issuer_path
        paths = (WELL_KNOWN, OPENID_CONFIGURATION)
        below = (*(f"{each}{path}" for each in paths), f"{path}{OPENID_CONFIGURATION}")
        return tuple(dict.fromkeys((*paths, *below)))

    @cached_property
    def over_https(self) -> bool:
        """Whether browsers reach this server by https; else it is one on loopback, for development."""
        return urlsplit(self.issuer).scheme == "https"

    @cached_property
    def issuer_path(self) -> str:
        """The path of the issuer, empty for most; a proxy in front takes it off."""
        return urlsplit(self.issuer).path


def site(request: Request) -> Site:
    """The site of the instance that the request reached."""
    found: Site = request.app.state.site
    return found
