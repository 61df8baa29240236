"""Which work is done in the background, and how often."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing

from identity_service.application.use_cases.keys.follow_schedule import FollowKeySchedule
from identity_service.application.use_cases.keys.load_keys import LoadKeys
from identity_service.application.use_cases.system.purge import EraseNonces, Purge
from identity_service.application.workers.runner import GoOn, Job
from identity_service.domain.services.key_rotation import SPREAD_SECONDS
from identity_service.ports.repositories.expired import Expired

log = logging.getLogger(__name__)

NONCES_EVERY = 1.0
SCHEDULE_EVERY = 60.0
KEYS_EVERY = SPREAD_SECONDS / 3
"""Well within the time a new key waits before it signs. The feed tells of changes; this is for what nobody tells:
a retired key's end, or a change that was missed."""


def background_jobs(
    *,
    purge: Purge,
    purge_every: int,
    erase_nonces: EraseNonces,
    follow_schedule: FollowKeySchedule,
    load_keys: LoadKeys,
    keys_read: Callable[[], None],
) -> tuple[Job, ...]:
    """All jobs of a process. `purge_every` is seconds; 0 leaves purging to the command line. `keys_read` is told when
    reading the keys again has changed something.
    """

    async def erase(go_on: GoOn) -> None:
        await erase_nonces()

    async def schedule(go_on: GoOn) -> None:
        due = await follow_schedule()
        log.debug("key schedule: %s", due.value)

    async def reload(go_on: GoOn) -> None:
        if await load_keys():
            keys_read()

    async def purge_all(go_on: GoOn) -> None:
        await _purge(purge, go_on)

    purging = (Job(name="purge", every=purge_every, run=purge_all),) if purge_every else ()
    return (
        Job(name="erase nonces", every=NONCES_EVERY, run=erase),
        Job(name="key schedule", every=SCHEDULE_EVERY, run=schedule),
        Job(name="reload keys", every=KEYS_EVERY, run=reload, alone=False),
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
