"""The part of the composition root that decides how clients' servers are asked."""

from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.infrastructure.config.settings import Settings


def guarded_way(settings: Settings) -> GuardedWay:
    """The one way out of a process."""
    return GuardedWay(
        exceptions=settings.fetch_exceptions,
        ca_file=settings.fetch_ca_file,
        timeout_seconds=settings.fetch_timeout_seconds,
    )
