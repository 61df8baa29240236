"""What an application instance tells about itself, taken from the settings; part of the composition root."""

from typing import Any
from urllib.parse import urlsplit

from identity_service.http.site import Site
from identity_service.infrastructure.config.settings import Settings


def site_of(container: Any) -> Site:
    """Plain values for the routes."""
    settings: Settings = container.settings()
    return Site(
        issuer=settings.issuer,
        docs=settings.docs,
        jwks_max_age=settings.jwks_max_age_seconds,
        session_management=settings.session_management,
        https_for_seconds=_https_for_seconds(settings),
        registration=settings.client_registration != "off",
        password_fewest=settings.password_min_length,
        grants=container.tokens.grants().all,
    )


def _https_for_seconds(settings: Settings) -> int:
    """Not where other programs of this machine share the name: they have no https."""
    parts = urlsplit(settings.issuer)
    elsewhere = parts.scheme == "https" and parts.hostname != "localhost"
    return settings.strict_transport_security_seconds if elsewhere else 0
