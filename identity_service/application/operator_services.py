"""What operators ask of the house: bundles of use cases, without methods of their own."""

from dataclasses import dataclass

from identity_service.application.use_cases.audit.chain_events import ChainEvents
from identity_service.application.use_cases.audit.checkpoints import DeliverStatements, MakeCheckpoint
from identity_service.application.use_cases.audit.search_events import SearchEvents
from identity_service.application.use_cases.audit.show_key import ShowAuditKey
from identity_service.application.use_cases.audit.verify_log import VerifyLog
from identity_service.application.use_cases.families.end_families import EndFamilies, EndFamily
from identity_service.application.use_cases.families.get_family import GetFamily
from identity_service.application.use_cases.families.list_families import ListFamilies
from identity_service.application.use_cases.outbox.discard_message import DiscardMessage
from identity_service.application.use_cases.outbox.get_message import GetMessage
from identity_service.application.use_cases.outbox.list_messages import ListMessages
from identity_service.application.use_cases.outbox.retry_message import RetryMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxService:
    """What is on its way out."""

    list_messages: ListMessages
    get_message: GetMessage
    retry_message: RetryMessage
    discard_message: DiscardMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyService:
    """What people's sign-ins gave out."""

    list_families: ListFamilies
    get_family: GetFamily
    end_family: EndFamily
    end_families: EndFamilies


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditService:
    """The log of events as evidence."""

    chain_events: ChainEvents
    make_checkpoint: MakeCheckpoint
    deliver_statements: DeliverStatements
    verify_log: VerifyLog
    show_audit_key: ShowAuditKey
    search_events: SearchEvents
