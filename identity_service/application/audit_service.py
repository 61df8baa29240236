"""What the outside may ask of the log of events as evidence."""

from dataclasses import dataclass

from identity_service.application.use_cases.audit.chain_events import ChainEvents
from identity_service.application.use_cases.audit.checkpoints import DeliverStatements, MakeCheckpoint
from identity_service.application.use_cases.audit.search_events import SearchEvents
from identity_service.application.use_cases.audit.show_key import ShowAuditKey
from identity_service.application.use_cases.audit.verify_log import VerifyLog


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditService:
    """The log of events as evidence."""

    chain_events: ChainEvents
    make_checkpoint: MakeCheckpoint
    deliver_statements: DeliverStatements
    verify_log: VerifyLog
    show_audit_key: ShowAuditKey
    search_events: SearchEvents
