"""What is done for the log of events in the background, and how often."""

import logging

from identity_service.application.use_cases.audit.chain_events import ChainEvents
from identity_service.application.use_cases.audit.checkpoints import DeliverStatements, MakeCheckpoint
from identity_service.application.workers.audit_watch import AuditWatch
from identity_service.application.workers.runner import GoOn, Job

log = logging.getLogger(__name__)

CHAIN_EVERY = 0.5
"""An event is chained within a second."""
DELIVER_EVERY = 5.0
WATCH_EVERY = 15.0


def audit_jobs(
    *,
    chain_events: ChainEvents,
    make_checkpoint: MakeCheckpoint,
    deliver: DeliverStatements,
    watch: AuditWatch,
    checkpoint_every: int,
) -> tuple[Job, ...]:
    """`checkpoint_every` is seconds; 0 leaves checkpoints to the command line."""

    async def checkpoint(go_on: GoOn) -> None:
        made = await make_checkpoint()
        log.debug("audit checkpoint: %s", made and made.head.size)

    signing = (
        (Job(name="audit checkpoint", every=checkpoint_every, run=checkpoint),) if checkpoint_every else ()
    )
    return (
        Job(name="audit chain", every=CHAIN_EVERY, run=chain_events),
        *signing,
        Job(name="audit delivery", every=DELIVER_EVERY, run=deliver),
        Job(name="audit watch", every=WATCH_EVERY, run=watch, alone=False),
    )
