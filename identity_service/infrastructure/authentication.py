"""Who is asking: how clients and people prove who they are. Knows no adapter."""

from typing import Any

from dependency_injector import containers, providers

from identity_service.application.authentication.assertion import ProveByAssertion
from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.authentication.devices import DAY, Devices
from identity_service.application.authentication.failures import FailureLog
from identity_service.application.authentication.throttle import Throttle
from identity_service.application.authentication.user import AuthenticateUser
from identity_service.domain.services.lockout import Limits
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.options import own_names_of
from identity_service.ports.cache.guesses import Guesses


def limits_of(settings: Settings) -> Limits:
    """How often may be guessed."""
    return Limits(
        per_source=settings.guess_limit,
        source_seconds=settings.guess_window_seconds,
        per_account=settings.guess_account_limit,
        account_seconds=settings.guess_account_window_seconds,
    )


def throttle_of(settings: Settings, guesses: Guesses) -> Throttle:
    """Who may guess once more."""
    return Throttle(
        guesses=guesses, limits=limits_of(settings), known_address_seconds=settings.guess_known_days * DAY
    )


class Authentication(containers.DeclarativeContainer):
    """Secrets, keys and passwords, judged. The container hands in what is below."""

    settings: Any = providers.Dependency()
    side: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    names: Any = providers.Dependency()
    hasher: Any = providers.Dependency()
    guesses: Any = providers.Dependency()
    keyed_digest: Any = providers.Dependency()
    client_keys: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    random: Any = providers.Dependency()

    held_prove_by_key = providers.Singleton(
        ProveByAssertion,
        keys=client_keys,
        begin=begin,
        audiences=providers.Callable(own_names_of, settings),
        clock=clock,
    )
    # An assertion is spent by writing it down, which the query side may not.
    prove_by_key = providers.Selector(
        side, all=held_prove_by_key, command=held_prove_by_key, query=providers.Object(None)
    )
    throttle = providers.Singleton(throttle_of, settings, guesses)
    devices = providers.Singleton(
        Devices, digest=keyed_digest, random=random, clock=clock, days=settings.provided.guess_known_days
    )
    client = providers.Singleton(
        AuthenticateClient, read=read, hasher=hasher, throttle=throttle, prove_by_key=prove_by_key
    )
    user = providers.Singleton(
        AuthenticateUser,
        begin=begin,
        read=read,
        names=names,
        hasher=hasher,
        throttle=throttle,
        devices=devices,
        failures=providers.Singleton(FailureLog, begin=begin, throttle=throttle),
        clock=clock,
    )
