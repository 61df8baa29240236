"""The part of the composition root that puts together what anybody may know of the server."""

import time

from identity_service.application.grants.registry import Grants
from identity_service.application.services import DiscoveryService
from identity_service.application.use_cases.keys.publish_keys import PublishKeys
from identity_service.application.use_cases.oauth2.read_metadata import ReadMetadata
from identity_service.i18n.catalogues import languages
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.tokens.key_ring import KeyRing
from identity_service.ports.unit_of_work import Read


def discovery_service(
    settings: Settings, *, side: str, read: Read, grants: Grants, ring: KeyRing
) -> DiscoveryService:
    """Metadata and key set, as these settings want them."""
    return DiscoveryService(
        read_metadata=ReadMetadata(
            read=read,
            grant_types=grants.names,
            signing_algs=settings.signing_algorithms,
            ui_locales=languages(),
            issuer=settings.issuer,
            documentation=settings.docs,
            introspects_by_key=side == "all",
            session_management=settings.session_management,
            registration=settings.client_registration != "off",
            request_uris=settings.request_uri_parameter,
            clock=time.monotonic,
        ),
        publish_keys=PublishKeys(ring),
    )
