"""How the parts of the audit log fit; part of the composition root."""

import os
import time
from typing import Any

from dependency_injector import containers, providers

from identity_service.adapters.audit.directory import DirectoryDestination
from identity_service.adapters.audit.file import FileDestination
from identity_service.adapters.audit.syslog import SyslogDestination
from identity_service.adapters.crypto.aes_gcm_sealer import AesGcmSealer, HmacDigest
from identity_service.adapters.crypto.ed25519_signatures import Ed25519Signatures
from identity_service.application.operator_services import AuditService
from identity_service.application.use_cases.audit.chain_events import ChainEvents
from identity_service.application.use_cases.audit.checkpoints import DeliverStatements, MakeCheckpoint
from identity_service.application.use_cases.audit.keys import AuditKeyring
from identity_service.application.use_cases.audit.personal_data import PersonalData
from identity_service.application.use_cases.audit.read_statements import ReadStatements
from identity_service.application.use_cases.audit.remove_entries import RemoveEntries
from identity_service.application.use_cases.audit.search_events import SearchEvents
from identity_service.application.use_cases.audit.show_key import ShowAuditKey
from identity_service.application.use_cases.audit.verify_log import VerifyLog
from identity_service.application.workers.audit_jobs import audit_jobs
from identity_service.application.workers.audit_watch import AuditWatch
from identity_service.infrastructure.config.settings import Settings
from identity_service.ports.audit import Destination


def destinations(settings: Settings) -> tuple[Destination, ...]:
    """Where checkpoints are brought."""
    found: list[Destination] = []
    if settings.audit_checkpoint_file is not None:
        found.append(FileDestination(settings.audit_checkpoint_file))
    if settings.audit_checkpoint_directory is not None:
        found.append(DirectoryDestination(settings.audit_checkpoint_directory))
    if settings.audit_checkpoint_syslog:
        found.append(SyslogDestination(settings.audit_checkpoint_syslog))
    return tuple(found)


class AuditParts(containers.DeclarativeContainer):
    """The log of events as evidence. Verifying wants no secret: what does is made when it is used."""

    settings: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    sealer: Any = providers.Dependency()

    signatures = providers.Singleton(Ed25519Signatures)
    random = providers.Object(os.urandom)
    keyring = providers.Singleton(AuditKeyring, sealer=sealer, signatures=signatures, random=random)
    personal_data = providers.Singleton(
        PersonalData,
        keyring=keyring,
        digest_under=providers.Object(HmacDigest),
        sealer_under=providers.Object(AesGcmSealer),
        random=random,
    )
    chain_events = providers.Singleton(ChainEvents, begin=begin, read=read, personal=personal_data)
    make_checkpoint = providers.Singleton(MakeCheckpoint, begin=begin, keyring=keyring, signatures=signatures)
    deliver = providers.Singleton(
        DeliverStatements,
        begin=begin,
        read=read,
        destinations=providers.Singleton(destinations, settings),
    )
    remove_entries = providers.Singleton(
        RemoveEntries, begin=begin, read=read, keyring=keyring, signatures=signatures
    )
    verify_log = providers.Singleton(
        VerifyLog,
        read=read,
        read_statements=providers.Singleton(ReadStatements, read=read, signatures=signatures),
    )
    watch = providers.Singleton(AuditWatch, read=read, clock=providers.Object(time.monotonic))
    jobs = providers.Singleton(
        audit_jobs,
        chain_events=chain_events,
        make_checkpoint=make_checkpoint,
        deliver=deliver,
        watch=watch,
        checkpoint_every=settings.provided.audit_checkpoint_seconds,
    )
    service = providers.Singleton(
        AuditService,
        chain_events=chain_events,
        make_checkpoint=make_checkpoint,
        deliver_statements=deliver,
        verify_log=verify_log,
        search_events=providers.Singleton(SearchEvents, read=read, personal=personal_data),
        show_audit_key=providers.Singleton(ShowAuditKey, begin=begin, keyring=keyring),
    )
