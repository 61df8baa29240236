"""Is the log of events chained and signed, and does what was signed leave the database?"""

from collections.abc import Sequence

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.workers.audit_watch import AuditState, audit_state
from identity_service.cli.doctor.finding import Finding, ok, warn
from identity_service.infrastructure.config.settings import Settings

CHECK = "audit"
LATE_SECONDS = 60
"""A process that leads chains twice a second."""
LATE_CHECKPOINTS = 3


async def check_audit(database: Database, settings: Settings) -> Finding:
    """How far the chain is behind, how old the newest checkpoint is, and where checkpoints go."""
    state = await audit_state(lambda: SqlUnitOfWork(database, writing=False, on_endings=_nobody))
    if state.lag.oldest_seconds > LATE_SECONDS:
        return warn(
            CHECK,
            f"{state.lag.waiting} events are not chained, the oldest for {state.lag.oldest_seconds:.0f} s",
            "start the server; if it runs, its log says more, or a transaction in the database cluster never ends "
            "(pg_stat_activity, backend_xid)",
        )
    if late := _late(state, settings):
        return late
    places = _places(settings)
    if not places and settings.environment == "production":
        return warn(
            CHECK,
            "checkpoints do not leave the database: its owner could rewrite what happened",
            "set AUDIT_CHECKPOINT_FILE, AUDIT_CHECKPOINT_DIRECTORY or AUDIT_CHECKPOINT_SYSLOG (docs/audit.md)",
        )
    if places and state.undelivered > LATE_CHECKPOINTS:
        return warn(
            CHECK,
            f"{state.undelivered} or more checkpoints have not reached {', '.join(places)}",
            "the server's log says why",
        )
    where = f"go to {', '.join(places)}" if places else "stay in the database (AUDIT_CHECKPOINT_FILE)"
    return ok(CHECK, f"{state.lag.waiting} events wait to be chained; checkpoints {where}")


def _late(state: AuditState, settings: Settings) -> Finding | None:
    allowed = LATE_CHECKPOINTS * settings.audit_checkpoint_seconds
    if not allowed or state.unsigned_seconds <= allowed + LATE_SECONDS:
        return None
    return warn(
        CHECK,
        f"entries of {state.unsigned_seconds:.0f} s ago are under no checkpoint",
        "start the server; if it runs, its log says more",
    )


def _places(settings: Settings) -> list[str]:
    settled = {
        "a file": settings.audit_checkpoint_file,
        "a directory": settings.audit_checkpoint_directory,
        "syslog": settings.audit_checkpoint_syslog,
    }
    return [place for place, value in settled.items() if value]


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""
