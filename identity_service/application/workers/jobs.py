"""Which work is done in the background, and how often."""

import logging
from collections import Counter
from collections.abc import Iterable
from contextlib import aclosing

from identity_service.application.use_cases.clients.fetch_logos import FetchLogos
from identity_service.application.use_cases.keys.follow_schedule import FollowKeySchedule
from identity_service.application.use_cases.keys.reseal_secrets import ResealSecrets
from identity_service.application.use_cases.system.purge import EraseNonces, Purge
from identity_service.application.workers.delivery import Delivery
from identity_service.application.workers.outbox_watch import OutboxWatch
from identity_service.application.workers.runner import GoOn, Job
from identity_service.application.workers.spoofing import SpoofingWatch
from identity_service.ports.repositories.expired import Expired

log = logging.getLogger(__name__)

NONCES_EVERY = 1.0
DELIVERY_EVERY = 1.0
WATCH_EVERY = 15.0
SCHEDULE_EVERY = 60.0
RESEAL_EVERY = 60.0
LOGOS_EVERY = 5.0
SPOOFING_EVERY = 10.0


def background_jobs(
    *,
    purge: Purge,
    purge_every: int,
    erase_nonces: EraseNonces,
    follow_schedule: FollowKeySchedule,
    reseal_secrets: ResealSecrets,
    fetch_logos: FetchLogos,
    delivery: Delivery,
    outbox_watch: OutboxWatch,
    spoofing: SpoofingWatch,
    audit: Iterable[Job],
) -> tuple[Job, ...]:
    """All jobs, most of them the leading process's. `purge_every` is seconds; 0 leaves purging to the command line."""

    async def erase(go_on: GoOn) -> None:
        await erase_nonces()

    async def schedule(go_on: GoOn) -> None:
        log.debug("key schedule: %s", await follow_schedule())

    async def reseal(go_on: GoOn) -> None:
        if changed := await reseal_secrets(by="system", go_on=go_on):
            log.info("wrapped and sealed anew: %d keys and secrets", changed)

    async def purge_all(go_on: GoOn) -> None:
        await _purge(purge, go_on)

    purging = (Job(name="purge", every=purge_every, run=purge_all),) if purge_every else ()
    return (
        Job(name="erase nonces", every=NONCES_EVERY, run=erase),
        Job(name="delivery", every=DELIVERY_EVERY, run=delivery),
        Job(name="outbox watch", every=WATCH_EVERY, run=outbox_watch, alone=False),
        Job(name="key schedule", every=SCHEDULE_EVERY, run=schedule),
        Job(name="reseal", every=RESEAL_EVERY, run=reseal),
        Job(name="spoofing", every=SPOOFING_EVERY, run=spoofing, alone=False),
        Job(name="logos", every=LOGOS_EVERY, run=fetch_logos),
        *audit,
        *purging,
    )


async def _purge(purge: Purge, go_on: GoOn) -> None:
    counts: Counter[Expired] = Counter()
    async with aclosing(purge()) as batches:
        async for batch in batches:
            counts[batch.kind] += batch.rows
            if not go_on():
                break
    if deleted := {kind.value: rows for kind, rows in counts.items() if rows}:
        log.info("purged", extra={"rows": deleted})
