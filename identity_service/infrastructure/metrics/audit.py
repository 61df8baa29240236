"""How the log of events stands: whether it is chained, signed, and what was signed has left the database."""

from collections.abc import Mapping, Sequence

from identity_service.adapters.prometheus.families import Family, counter, gauge
from identity_service.application.workers.audit_watch import AuditState


def of_audit(
    state: AuditState | None, *, chained: int, destinations: Sequence[str], failures: Mapping[str, int]
) -> list[Family]:
    """The state is as every process sees it: the whole is what one of them says."""
    waiting = gauge("identity_audit_unchained", "Events that are not chained yet.", whole="max")
    lag = gauge("identity_audit_lag_seconds", "How long the oldest of them has waited.", whole="max")
    age = gauge("identity_audit_checkpoint_age_seconds", "Since the newest checkpoint.", whole="max")
    unsigned = gauge(
        "identity_audit_unsigned_seconds",
        "How long the oldest entry has been under no checkpoint.",
        whole="max",
    )
    undelivered = gauge(
        "identity_audit_undelivered", "Statements that have not left the database.", whole="max"
    )
    if state is not None:
        waiting.add(state.lag.waiting)
        lag.add(state.lag.oldest_seconds)
        unsigned.add(state.unsigned_seconds)
        undelivered.add(state.undelivered if destinations else 0)
        if state.checkpoint_age is not None:
            age.add(state.checkpoint_age)
    total = counter("identity_audit_chained_total", "Events that were chained.")
    total.add(chained)
    failed = counter(
        "identity_audit_delivery_failures_total",
        "Attempts to bring a statement to a destination that failed.",
    )
    for destination in destinations:
        failed.add(failures.get(destination, 0), destination=destination)
    return [waiting, lag, age, unsigned, undelivered, total, failed]
