"""The way out: how clients' servers are asked and told, and the keys that clients publish."""

import time
from typing import Any

from dependency_injector import containers, providers

from identity_service.adapters.http_client.fetcher import GuardedFetcher
from identity_service.adapters.http_client.form_sender import GuardedFormSender
from identity_service.adapters.http_client.guarded import GuardedWay
from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.adapters.jwt.client_key_set import JwkKeySets
from identity_service.application.authentication.client_keys import ClientKeys
from identity_service.application.use_cases.sessions.logout_messages import BACKCHANNEL_LOGOUT
from identity_service.infrastructure.config.settings import Settings


def guarded_way(settings: Settings, look_ups: LookUps) -> GuardedWay:
    """The one way out of a process."""
    return GuardedWay(
        exceptions=settings.fetch_exceptions,
        ca_file=settings.fetch_ca_file,
        timeout_seconds=settings.fetch_timeout_seconds,
        resolve=look_ups,
    )


class Fetching(containers.DeclarativeContainer):
    """What is asked of clients' servers, each under a kind of its own for the metrics."""

    settings: Any = providers.Dependency()

    look_ups = providers.Singleton(LookUps)
    way_out = providers.Singleton(guarded_way, settings, look_ups)
    fetcher = providers.Factory(GuardedFetcher, way_out, kind="other")
    form_sender = providers.Singleton(GuardedFormSender, way_out, kind=BACKCHANNEL_LOGOUT)
    key_sets = providers.Singleton(JwkKeySets)
    client_keys = providers.Singleton(
        ClientKeys,
        key_sets=key_sets,
        fetch=providers.Factory(fetcher, kind="jwks"),
        clock=providers.Object(time.monotonic),
    )
