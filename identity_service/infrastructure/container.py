"""The composition root: the only place that knows every adapter."""

import os
import time
from typing import Any

from dependency_injector import containers, providers
from uuid_utils import uuid7

from identity_service.adapters.crypto.aes_gcm_sealer import AesGcmSealer, HmacDigest
from identity_service.adapters.crypto.password_hasher import PooledPasswordHasher
from identity_service.adapters.http_client.fetcher import GuardedFetcher
from identity_service.adapters.http_client.form_sender import GuardedFormSender
from identity_service.adapters.http_client.look_ups import LookUps
from identity_service.adapters.jwt.client_key_set import JwkKeySets
from identity_service.adapters.jwt.key_maker import JwkMaker
from identity_service.adapters.jwt.key_ring import JwsKeyRing
from identity_service.adapters.names.precis import PrecisNames
from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.leases import SqlLeases
from identity_service.adapters.sql.migrations import Migrations
from identity_service.adapters.sql.token_changes import token_changes
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.authentication.assertion import ProveByAssertion
from identity_service.application.authentication.bearer import AuthenticateBearer
from identity_service.application.authentication.client import AuthenticateClient
from identity_service.application.authentication.user import AuthenticateUser
from identity_service.application.services import QueryServices, Services
from identity_service.application.use_cases.keys.load_public_keys import LoadPublicKeys
from identity_service.application.use_cases.sessions.logout_messages import BACKCHANNEL_LOGOUT
from identity_service.infrastructure import with_redis
from identity_service.infrastructure.accounts import Accounts
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.discovery import discovery_service
from identity_service.infrastructure.fetching import client_keys, guarded_way
from identity_service.infrastructure.hearing import Hearing
from identity_service.infrastructure.keys import (
    given_key,
    given_public_key,
    key_parts,
    system_service,
    workers,
)
from identity_service.infrastructure.operation import Operation
from identity_service.infrastructure.options import database_options_of, master_key_of, own_names_of
from identity_service.infrastructure.outbox import OutboxParts
from identity_service.infrastructure.passwords import hashing_pool_of, password_schemes
from identity_service.infrastructure.sign_in import SignInParts
from identity_service.infrastructure.tokens import Tokens


def new_id() -> str:
    """A UUIDv7 (RFC 9562 §5.7): unique, and in order of time for the sake of indexes."""
    return str(uuid7())


class Container(containers.DeclarativeContainer):
    """How the parts fit. One container per application instance; nothing here is global."""

    settings: Any = providers.Dependency(instance_of=Settings)
    side: Any = providers.Object("all")
    clock = providers.Object(time.time)

    master_key = providers.Singleton(master_key_of, settings)
    sealer = providers.Singleton(AesGcmSealer, master_key)
    # The query side has no master key, hence nothing to seal with and nothing to recognise its own in Redis by.
    held_digest = providers.Singleton(HmacDigest, master_key)
    keyed_digest = providers.Selector(
        side, all=held_digest, command=held_digest, query=providers.Object(None)
    )
    hashing_pool = providers.Singleton(hashing_pool_of, settings)
    hasher = providers.Singleton(
        PooledPasswordHasher,
        providers.Singleton(password_schemes, settings, settings.provided.password_scheme),
        hashing_pool,
    )
    argon2id_hasher = providers.Singleton(
        PooledPasswordHasher, providers.Singleton(password_schemes, settings, "argon2id"), hashing_pool
    )
    names = providers.Singleton(PrecisNames)
    shared = providers.Singleton(with_redis.redis_of, settings)
    redis = providers.Selector(side, all=shared, command=shared, query=providers.Object(None))
    rate_limit = providers.Singleton(with_redis.rate_limit, settings, redis, keyed_digest)
    key_maker = providers.Singleton(JwkMaker, bits=settings.provided.signing_key_bits)
    key_ring = providers.Singleton(JwsKeyRing)
    key_from_settings = providers.Singleton(given_key, settings, key_maker)

    database_options = providers.Singleton(database_options_of, settings, side)
    database = providers.Singleton(Database, database_options)
    hearing: Any = providers.Container(
        Hearing,
        settings=settings,
        redis=redis,
        keyed_digest=keyed_digest,
        database_options=database_options,
        on_silence=database.provided.circuit.suspect,
    )
    begin = providers.Factory(SqlUnitOfWork, database, writing=True, on_endings=hearing.endings)
    read = providers.Factory(SqlUnitOfWork, database, writing=False, on_endings=hearing.endings)
    changes = providers.Singleton(token_changes, database, on_endings=hearing.endings)
    migrations = providers.Singleton(Migrations, database)

    look_ups = providers.Singleton(LookUps)
    way_out = providers.Singleton(guarded_way, settings, look_ups)
    fetcher = providers.Factory(GuardedFetcher, way_out, kind="other")
    form_sender = providers.Singleton(GuardedFormSender, way_out, kind=BACKCHANNEL_LOGOUT)
    key_sets = providers.Singleton(JwkKeySets)
    published_keys = providers.Singleton(client_keys, key_sets, providers.Factory(fetcher, kind="jwks"))
    held_prove_by_key = providers.Singleton(
        ProveByAssertion,
        keys=published_keys,
        begin=begin.provider,
        audiences=providers.Callable(own_names_of, settings),
        clock=clock,
    )
    # An assertion is spent by writing it down, which the query side may not.
    prove_by_key = providers.Selector(
        side, all=held_prove_by_key, command=held_prove_by_key, query=providers.Object(None)
    )
    authenticate_client = providers.Singleton(
        AuthenticateClient,
        read=read.provider,
        hasher=hasher,
        limit=rate_limit,
        prove_by_key=prove_by_key,
    )
    authenticate_user = providers.Singleton(
        AuthenticateUser,
        begin=begin.provider,
        read=read.provider,
        names=names,
        hasher=hasher,
        limit=rate_limit,
        clock=clock,
    )
    tokens: Any = providers.Container(
        Tokens,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        changes=changes,
        authenticate_client=authenticate_client,
        authenticate_user=authenticate_user,
        key_ring=key_ring,
        keyed_digest=keyed_digest,
        window=hearing.window,
        ended_tokens=hearing.ended_tokens,
        lease=hearing.lease,
        keys_in_use=hearing.keys,
        clock=clock,
        new_id=providers.Object(new_id),
    )
    sign_in: Any = providers.Container(
        SignInParts,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        authenticate_user=authenticate_user,
        targets=tokens.targets,
        hints=tokens.id_token_hints,
        subjects=tokens.subjects,
        client_keys=published_keys,
        fetch=providers.Factory(fetcher, kind="request_object"),
        window=hearing.window,
        lease=hearing.lease,
        clock=clock,
        random=providers.Object(os.urandom),
        new_id=providers.Object(new_id),
    )
    keys = providers.Singleton(
        key_parts,
        settings,
        begin=begin.provider,
        read=read.provider,
        sealer=sealer,
        maker=key_maker,
        ring=key_ring,
        given=key_from_settings,
    )
    load_keys = keys.provided.load
    load_public_keys = providers.Singleton(
        LoadPublicKeys,
        read=read.provider,
        ring=key_ring,
        given=providers.Singleton(given_public_key, settings, key_maker),
    )
    held_keys = providers.Selector(side, all=load_keys, command=load_keys, query=load_public_keys)
    system = providers.Singleton(system_service, settings, begin=begin.provider)
    outbox: Any = providers.Container(
        OutboxParts,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        sign=key_ring,
        send=form_sender,
        clock=clock,
        new_id=providers.Object(new_id),
        id_token_alg=tokens.id_token_alg,
    )
    delivery = outbox.delivery
    leases = providers.Singleton(SqlLeases, database)
    workers = providers.Singleton(
        workers,
        settings,
        begin=begin.provider,
        read=read.provider,
        fetch=providers.Factory(fetcher, kind="logo"),
        purge=system.provided.purge,
        keys=keys,
        delivery=delivery,
        outbox_watch=outbox.watch,
        leases=leases,
        holder=providers.Callable(new_id),
    )
    hearing.load_keys.override(held_keys)
    hearing.read.override(read.provider)
    liveness = hearing.liveness
    operation: Any = providers.Container(
        Operation,
        database_options=database_options,
        liveness=liveness,
        load_keys=held_keys,
        redis=redis,
    )
    discovery = providers.Singleton(
        discovery_service, settings, side=side, read=read.provider, grants=tokens.grants, ring=key_ring
    )
    accounts: Any = providers.Container(
        Accounts,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        names=names,
        hasher=hasher,
        slow_hasher=argon2id_hasher,
        keyed_digest=keyed_digest,
        random=providers.Object(os.urandom),
        new_id=providers.Object(new_id),
        grants=tokens.grants.provided.names,
        signing_algs=settings.provided.signing_algorithms,
        key_sets=key_sets,
        fetch=providers.Factory(fetcher, kind="sector_identifier"),
        fetch_exceptions=settings.provided.fetch_exceptions,
        default_audience=settings.provided.default_audience,
        secret_overlap_seconds=settings.provided.client_secret_overlap_seconds,
        rate_limit=rate_limit,
        session_idle_seconds=settings.provided.session_idle_seconds,
        issuer=settings.provided.issuer,
    )
    everything = providers.Singleton(
        Services,
        authenticate_bearer=providers.Singleton(
            AuthenticateBearer, access_tokens=tokens.access_tokens, issuer=settings.provided.issuer
        ),
        oauth2=tokens.service,
        sign_in=sign_in.service,
        discovery=discovery,
        users=accounts.users,
        sessions=accounts.sessions,
        consents=accounts.consents,
        clients=accounts.clients,
        registration=accounts.registration,
        keys=keys.provided.service,
        outbox=outbox.service,
        system=system,
        health=operation.service,
    )
    queries = providers.Singleton(
        QueryServices,
        oauth2=tokens.queries,
        discovery=discovery,
        health=operation.service,
    )
    services = providers.Selector(side, all=everything, command=everything, query=queries)


def build(settings: Settings, *, side: str = "all") -> Any:
    """A container for these settings. Raises WrongSettings for what shows only when it is used (a broken key, say)."""
    container = Container(settings=settings, side=side)
    if side != "query":
        container.master_key()
    container.held_keys()
    return container
