"""Does what is to reach clients' servers leave, and whom may this server ask?"""

import ssl
import time
from collections.abc import Sequence
from typing import Any

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.infrastructure.config.settings import Settings

OUTBOX, FETCHING = "outbox", "fetching"
LATE_SECONDS = 60
"""A process that leads looks every second for what is due."""
MOST_COUNTED = 1000


async def check_outbox(database: Database) -> Finding:
    """Messages that nobody sends, or that were given up."""
    async with SqlUnitOfWork(database, writing=False, on_endings=_nobody) as uow:
        backlog = await uow.outbox_desk.backlog()
        dead = await uow.outbox_desk.dead(most=MOST_COUNTED)
    if backlog.oldest_due_seconds > LATE_SECONDS:
        return warn(
            OUTBOX,
            f"{backlog.due} messages are due, the oldest for {backlog.oldest_due_seconds:.0f} s: "
            "no server delivers them, or it cannot keep up",
            "start the server; if it runs, its log and `identity-service outbox list --status waiting` say more",
        )
    if dead:
        number = f"{dead} or more" if dead == MOST_COUNTED else str(dead)
        return warn(
            OUTBOX,
            f"{number} messages were given up: clients were not told of something",
            "`identity-service outbox list --status dead` says why; then outbox retry, or outbox discard",
        )
    return ok(OUTBOX, f"{backlog.due} messages are due, none was given up")


def check_fetching(settings: Settings) -> Finding:
    """What was set for requests to clients' servers; that the file can be read is asked again at each start."""
    if settings.fetch_ca_file is None:
        return ok(FETCHING, _places(settings))
    try:
        found = ssl.create_default_context(cafile=settings.fetch_ca_file).get_ca_certs()
    except OSError as error:
        return fail(
            FETCHING,
            f"FETCH_CA_FILE {settings.fetch_ca_file} cannot be read: {error.strerror or error}",
            "let the account of the server read the file, or correct FETCH_CA_FILE",
        )
    if over := sum(_is_over(each) for each in found):
        return warn(
            FETCHING,
            f"{over} of {len(found)} certificates in FETCH_CA_FILE {settings.fetch_ca_file} ran out",
            "put the authority's present certificate into the file, and restart",
        )
    return ok(FETCHING, f"{_places(settings)}, with {len(found)} authorities of FETCH_CA_FILE")


def _places(settings: Settings) -> str:
    excepted = f", and {', '.join(settings.fetch_exceptions)}" if settings.fetch_exceptions else ""
    return f"clients' servers are asked by https at public addresses{excepted}"


def _is_over(certificate: Any) -> bool:
    return bool(ssl.cert_time_to_seconds(certificate["notAfter"]) < time.time())


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""
