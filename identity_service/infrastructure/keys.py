"""How the parts around signing keys and background work fit; part of the composition root."""

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dependency_injector import containers, providers

from identity_service.adapters.jwt.jwk import from_pkcs8, load_public_key, refuse_mismatch
from identity_service.adapters.jwt.key_maker import JwkMaker
from identity_service.adapters.jwt.key_ring import JwsKeyRing
from identity_service.application.services import KeyService, SystemService
from identity_service.application.use_cases.audit.remove_entries import RemoveEntries
from identity_service.application.use_cases.clients.fetch_logos import FetchLogos
from identity_service.application.use_cases.keys.add_key import AddKey, GenerateKey, ImportKey
from identity_service.application.use_cases.keys.claim_master_key import ClaimMasterKey
from identity_service.application.use_cases.keys.follow_schedule import FollowKeySchedule
from identity_service.application.use_cases.keys.list_keys import ListKeys
from identity_service.application.use_cases.keys.load_data_keys import LoadDataKeys
from identity_service.application.use_cases.keys.load_keys import LoadKeys
from identity_service.application.use_cases.keys.load_public_keys import LoadPublicKeys
from identity_service.application.use_cases.keys.reseal_secrets import ResealSecrets
from identity_service.application.use_cases.keys.rotate_keys import RotateKeys
from identity_service.application.use_cases.keys.sealing import KeySealing
from identity_service.application.use_cases.system.purge import EraseNonces, Purge, Retention
from identity_service.application.use_cases.system.revoke_everything import RevokeEverything
from identity_service.application.workers.delivery import Delivery
from identity_service.application.workers.jobs import background_jobs
from identity_service.application.workers.outbox_watch import OutboxWatch
from identity_service.application.workers.runner import Job, Workers
from identity_service.application.workers.spoofing import SpoofingWatch
from identity_service.domain.services.key_rotation import RotationPolicy
from identity_service.infrastructure.config.settings import Settings, WrongSettings
from identity_service.ports.fetch import Fetcher
from identity_service.ports.leader import Leases
from identity_service.ports.security import DataKeyRing, KeyEncryption
from identity_service.ports.tokens.key_ring import HeldKey, KeyMaker, KeyRing
from identity_service.ports.unit_of_work import Begin, Read

A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyParts:
    """What is done with keys: at start and on news, on command, on schedule."""

    load: LoadKeys
    load_data_keys: LoadDataKeys
    service: KeyService
    schedule: FollowKeySchedule


def given_key(settings: Settings, maker: KeyMaker) -> HeldKey | None:
    """JWT_PRIVATE_KEY, which JWT_PUBLIC_KEY must belong to. Raises WrongSettings."""
    if settings.jwt_private_key is None:
        if settings.jwt_public_key is not None:
            raise WrongSettings(
                "JWT_PUBLIC_KEY: wants its JWT_PRIVATE_KEY beside it; without either, keys are made"
            )
        return None
    try:
        key = maker.read(settings.jwt_private_key.get_secret_value(), alg=settings.signing_algorithm)
    except ValueError as error:
        raise WrongSettings(f"JWT_PRIVATE_KEY: {error}") from None
    _refuse_foreign_public_key(settings, key)
    return key


def given_public_key(settings: Settings, maker: KeyMaker) -> Mapping[str, Any] | None:
    """The query side is told the issuing side's own key by JWT_PUBLIC_KEY; it has no use for the private one.

    Raises WrongSettings.
    """
    if settings.jwt_public_key is None:
        return None
    try:
        return maker.read_public(settings.jwt_public_key, alg=settings.signing_algorithm)
    except ValueError as error:
        raise WrongSettings(f"JWT_PUBLIC_KEY: {error}") from None


def _refuse_foreign_public_key(settings: Settings, key: HeldKey) -> None:
    if settings.jwt_public_key is None:
        return
    try:
        refuse_mismatch(from_pkcs8(key.private_key), load_public_key(settings.jwt_public_key))
    except ValueError as error:
        raise WrongSettings(f"JWT_PUBLIC_KEY: {error}") from None


def key_parts(
    settings: Settings,
    *,
    begin: Begin,
    read: Read,
    encryption: KeyEncryption,
    data_keys: DataKeyRing,
    maker: KeyMaker,
    ring: KeyRing,
    given: HeldKey | None,
) -> KeyParts:
    """The use cases of signing keys."""
    policy = RotationPolicy(
        jwks_max_age=settings.jwks_max_age_seconds, rotate_after=settings.signing_key_rotation_days * A_DAY
    )
    sealing = KeySealing(sealer=data_keys, maker=maker)
    load_data_keys = LoadDataKeys(
        begin=begin,
        read=read,
        encryption=encryption,
        ring=data_keys,
        claim=ClaimMasterKey(begin=begin, sealing=sealing, encryption=encryption),
        random=os.urandom,
    )
    add = AddKey(begin=begin, sealing=sealing, policy=policy)
    alg = settings.signing_algorithm
    generate = GenerateKey(maker=maker, add=add, alg=alg)
    rotate = RotateKeys(begin=begin, read=read, generate=generate, policy=policy, alg=alg, given=given)
    return KeyParts(
        load=LoadKeys(
            load_data_keys=load_data_keys,
            begin=begin,
            read=read,
            sealing=sealing,
            ring=ring,
            maker=maker,
            algs=settings.signing_algorithms,
            given=given,
        ),
        load_data_keys=load_data_keys,
        service=KeyService(
            list_keys=ListKeys(read=read, policy=policy, given=given),
            generate_key=generate,
            import_key=ImportKey(maker=maker, add=add, given=given),
            reseal_secrets=ResealSecrets(
                begin=begin, read=read, load_data_keys=load_data_keys, encryption=encryption, ring=data_keys
            ),
            rotate_keys=rotate,
        ),
        schedule=FollowKeySchedule(read=read, generate=generate, rotate=rotate, policy=policy, given=given),
    )


class SigningKeys(containers.DeclarativeContainer):
    """The ring that signs and verifies, and what fills it. The container hands in what is below."""

    settings: Any = providers.Dependency()
    side: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    encryption: Any = providers.Dependency()
    data_keys: Any = providers.Dependency()

    maker = providers.Singleton(JwkMaker, bits=settings.provided.signing_key_bits)
    ring = providers.Singleton(JwsKeyRing)
    given = providers.Singleton(given_key, settings, maker)
    parts = providers.Singleton(
        key_parts,
        settings,
        begin=begin,
        read=read,
        encryption=encryption,
        data_keys=data_keys,
        maker=maker,
        ring=ring,
        given=given,
    )
    load = parts.provided.load
    load_data_keys = parts.provided.load_data_keys
    load_public = providers.Singleton(
        LoadPublicKeys, read=read, ring=ring, given=providers.Singleton(given_public_key, settings, maker)
    )
    held = providers.Selector(side, all=load, command=load, query=load_public)


def system_service(settings: Settings, *, begin: Begin, remove_entries: RemoveEntries) -> SystemService:
    """What an operator does to the server as a whole."""
    retention = Retention(events=settings.event_retention_days, deleted=settings.deleted_retention_days)
    return SystemService(
        purge=Purge(begin=begin, retention=retention, remove_entries=remove_entries),
        revoke_everything=RevokeEverything(begin=begin),
    )


def workers(
    settings: Settings,
    *,
    begin: Begin,
    read: Read,
    fetch: Fetcher,
    purge: Purge,
    keys: KeyParts,
    delivery: Delivery,
    outbox_watch: OutboxWatch,
    spoofing: SpoofingWatch,
    audit: Iterable[Job],
    leases: Leases,
    holder: str,
) -> Workers:
    """The background work of one process; `holder` is its name among those that share the database."""
    jobs = background_jobs(
        purge=purge,
        purge_every=settings.purge_interval_seconds,
        erase_nonces=EraseNonces(begin=begin),
        follow_schedule=keys.schedule,
        reseal_secrets=keys.service.reseal_secrets,
        fetch_logos=FetchLogos(begin=begin, read=read, fetch=fetch),
        delivery=delivery,
        outbox_watch=outbox_watch,
        spoofing=spoofing,
        audit=audit,
    )
    return Workers(jobs, leases=leases, holder=holder, clock=time.monotonic)
