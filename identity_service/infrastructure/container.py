"""The composition root: the only place that knows every adapter."""

import os
import time
from typing import Any

from dependency_injector import containers, providers
from uuid_utils import uuid7

from identity_service.adapters.crypto.data_key_ring import DatabaseDigest, HeldDataKeys
from identity_service.adapters.names.precis import PrecisNames
from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.leases import SqlLeases
from identity_service.adapters.sql.migrations import Migrations
from identity_service.adapters.sql.token_changes import token_changes
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.authentication.bearer import AuthenticateBearer
from identity_service.application.services import QueryServices, Services
from identity_service.infrastructure import with_redis
from identity_service.infrastructure.accounts import Accounts
from identity_service.infrastructure.admission import AdmissionParts
from identity_service.infrastructure.audit import AuditParts
from identity_service.infrastructure.authentication import Authentication
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.discovery import discovery_service
from identity_service.infrastructure.fetching import Fetching
from identity_service.infrastructure.guessing import guesses_of
from identity_service.infrastructure.hearing import Hearing
from identity_service.infrastructure.keys import SigningKeys, system_service, workers
from identity_service.infrastructure.mail import MailParts
from identity_service.infrastructure.operation import Operation
from identity_service.infrastructure.options import database_options_of, key_encryption_of
from identity_service.infrastructure.outbox import OutboxParts
from identity_service.infrastructure.passwords import Passwords
from identity_service.infrastructure.posture import posture_of
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

    key_encryption = providers.Singleton(key_encryption_of, settings)
    data_keys = providers.Singleton(HeldDataKeys, key_encryption.provided.direct)
    # The query side has no master key, hence nothing to seal with and nothing to recognise its own in Redis by.
    keyed_digest = providers.Selector(side, all=data_keys, command=data_keys, query=providers.Object(None))
    database_digest = providers.Singleton(DatabaseDigest, data_keys)
    fetching: Any = providers.Container(Fetching, settings=settings)
    fetcher = fetching.fetcher
    passwords: Any = providers.Container(
        Passwords, settings=settings, fetch=providers.Factory(fetcher, kind="breaches")
    )
    hashing_pool = passwords.pool
    hasher = passwords.hasher
    names = providers.Singleton(PrecisNames)
    shared = providers.Singleton(with_redis.redis_of, settings)
    redis = providers.Selector(side, all=shared, command=shared, query=providers.Object(None))
    rate_limit = providers.Singleton(with_redis.rate_limit, settings, redis, keyed_digest)
    guesses = providers.Singleton(guesses_of, settings, redis, keyed_digest)

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
    quotas = providers.Singleton(with_redis.quotas, settings, redis, keyed_digest)
    admission: Any = providers.Container(
        AdmissionParts, settings=settings, quotas=quotas, begin=begin.provider
    )
    migrations = providers.Singleton(Migrations, database)

    audit: Any = providers.Container(
        AuditParts, settings=settings, begin=begin.provider, read=read.provider, sealer=data_keys
    )
    signing_keys: Any = providers.Container(
        SigningKeys,
        settings=settings,
        side=side,
        begin=begin.provider,
        read=read.provider,
        encryption=key_encryption,
        data_keys=data_keys,
    )
    key_ring = signing_keys.ring
    keys = signing_keys.parts
    load_keys = signing_keys.load
    held_keys = signing_keys.held
    authentication: Any = providers.Container(
        Authentication,
        settings=settings,
        side=side,
        begin=begin.provider,
        read=read.provider,
        names=names,
        hasher=hasher,
        guesses=guesses,
        keyed_digest=keyed_digest,
        client_keys=fetching.client_keys,
        clock=clock,
        random=providers.Object(os.urandom),
    )
    tokens: Any = providers.Container(
        Tokens,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        changes=changes,
        authenticate_client=authentication.client,
        authenticate_user=authentication.user,
        key_ring=key_ring,
        keyed_digest=database_digest,
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
        authenticate_user=authentication.user,
        devices=authentication.devices,
        targets=tokens.targets,
        hints=tokens.id_token_hints,
        subjects=tokens.subjects,
        client_keys=fetching.client_keys,
        fetch=providers.Factory(fetcher, kind="request_object"),
        window=hearing.window,
        lease=hearing.lease,
        clock=clock,
        random=providers.Object(os.urandom),
        new_id=providers.Object(new_id),
    )
    system = providers.Singleton(
        system_service, settings, begin=begin.provider, remove_entries=audit.remove_entries
    )
    mail: Any = providers.Container(MailParts, settings=settings)
    outbox: Any = providers.Container(
        OutboxParts,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        sign=key_ring,
        send=fetching.form_sender,
        clock=clock,
        new_id=providers.Object(new_id),
        id_token_alg=tokens.id_token_alg,
        send_mail=mail.courier,
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
        spoofing=admission.spoofing,
        audit=audit.jobs,
        leases=leases,
        holder=providers.Callable(new_id),
    )
    hearing.load_keys.override(held_keys)
    hearing.read.override(read.provider)
    liveness = hearing.liveness
    operation: Any = providers.Container(
        Operation, database_options=database_options, liveness=liveness, load_keys=held_keys, redis=redis
    )
    discovery = providers.Singleton(
        discovery_service, settings, side=side, read=read.provider, grants=tokens.grants, ring=key_ring
    )
    posture = providers.Singleton(posture_of, settings, database, given=signing_keys.given, clock=clock)
    accounts: Any = providers.Container(
        Accounts,
        settings=settings,
        begin=begin.provider,
        read=read.provider,
        names=names,
        passwords=passwords,
        keyed_digest=keyed_digest,
        random=providers.Object(os.urandom),
        new_id=providers.Object(new_id),
        grants=tokens.grants.provided.names,
        key_sets=fetching.key_sets,
        fetch=providers.Factory(fetcher, kind="sector_identifier"),
        rate_limit=rate_limit,
        throttle=authentication.throttle,
        personal_data=audit.personal_data,
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
        families=accounts.families,
        consents=accounts.consents,
        clients=accounts.clients,
        registration=accounts.registration,
        keys=keys.provided.service,
        outbox=outbox.service,
        audit=audit.service,
        system=system,
        health=operation.service,
    )
    queries = providers.Singleton(
        QueryServices, oauth2=tokens.queries, discovery=discovery, health=operation.service
    )
    services = providers.Selector(side, all=everything, command=everything, query=queries)


def build(settings: Settings, *, side: str = "all") -> Any:
    """A container for these settings. Raises WrongSettings for what shows only when it is used (a broken key, say)."""
    container = Container(settings=settings, side=side)
    if side != "query":
        container.key_encryption()
    container.held_keys()
    container.admission.policy()
    return container
