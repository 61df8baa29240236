"""The part of the composition root that decides how clients' servers are asked."""

import time

from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.application.authentication.client_keys import ClientKeys
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.fetch import Fetcher
from identity_service.ports.tokens.key_sets import KeySets


def guarded_way(settings: Settings, look_ups: LookUps) -> GuardedWay:
    """The one way out of a process."""
    return GuardedWay(
        exceptions=settings.fetch_exceptions,
        ca_file=settings.fetch_ca_file,
        timeout_seconds=settings.fetch_timeout_seconds,
        resolve=look_ups,
    )


def client_keys(key_sets: KeySets, fetch: Fetcher) -> ClientKeys:
    """The keys that clients publish or are registered with."""
    return ClientKeys(key_sets=key_sets, fetch=fetch, clock=time.monotonic)
