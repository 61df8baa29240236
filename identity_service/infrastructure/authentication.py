"""Who is asking: how clients and people prove who they are. Knows no adapter."""

from typing import Any

from dependency_injector import containers, providers

from identity_service.application.authentication.assertion import ProveByAssertion
from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.authentication.user import AuthenticateUser
from identity_service.infrastructure.options import own_names_of


class Authentication(containers.DeclarativeContainer):
    """Secrets, keys and passwords, judged. The container hands in what is below."""

    settings: Any = providers.Dependency()
    side: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    names: Any = providers.Dependency()
    hasher: Any = providers.Dependency()
    rate_limit: Any = providers.Dependency()
    client_keys: Any = providers.Dependency()
    clock: Any = providers.Dependency()

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
    client = providers.Singleton(
        AuthenticateClient, read=read, hasher=hasher, limit=rate_limit, prove_by_key=prove_by_key
    )
    user = providers.Singleton(
        AuthenticateUser, begin=begin, read=read, names=names, hasher=hasher, limit=rate_limit, clock=clock
    )
