"""How metrics leave an application instance; part of the composition root."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from identity_service.adapters.prometheus.board import Board
from identity_service.adapters.prometheus.exporter import Exporter
from identity_service.adapters.prometheus.families import Family
from identity_service.adapters.prometheus.listener import Listener
from identity_service.http.requests import Requests
from identity_service.infrastructure.config.checks import listen_address
from identity_service.infrastructure.config.inherited import handed_down
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.metrics.audit import of_audit
from identity_service.infrastructure.metrics.guessing import of_guessing
from identity_service.infrastructure.metrics.outbound import of_asking, of_backlog, of_delivery
from identity_service.infrastructure.metrics.parts import (
    of_caches,
    of_database,
    of_feed,
    of_hashing,
    of_limits,
    of_refreshes,
    of_run,
    of_spoofing,
    of_tokens,
)
from identity_service.infrastructure.metrics.process import of_process
from identity_service.infrastructure.metrics.requests import of_requests

BOARD = "metrics_board"
"""Where a parent tells its workers which folder they share."""


def shared_board() -> Board | None:
    """The board of the processes that serve together; None for a process on its own."""
    folder = handed_down(BOARD)
    return None if folder is None else Board(Path(folder))


@asynccontextmanager
async def exporting(settings: Settings, exporter: Exporter, board: Board | None) -> AsyncIterator[None]:
    """Tells who asks until the block ends. The listener of several workers is their parent's."""
    works = [] if settings.metrics == "off" else [exporter.run()]
    if settings.metrics == "listener" and board is None:
        works.append(Listener(*listen_address(settings.metrics_listen), exporter.text).run())
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def exporter_of(container: Any, requests: Requests, board: Board | None) -> Exporter:
    """What the instance of this container has counted."""
    database, pool = container.database(), container.hashing_pool()
    liveness, window = container.liveness(), container.hearing.window()
    tokens, throttle = container.tokens, container.authentication.throttle()
    bodies = {"tokens": tokens.known_tokens(), "inactive": tokens.known_inactive()}
    others = {"callers": tokens.proofs()}
    state = container.operation.state()
    tally, policy = container.admission.tally(), container.admission.policy()
    spoofed = container.admission.spoofing().counts

    issued = {} if container.side() == "query" else tokens.issue_token().issued
    refreshes = _refreshes(container)
    outbound = _outbound(container)

    def measure() -> list[Family]:
        return [
            *of_process(),
            *of_run(state),
            *of_requests(requests),
            *of_tokens(issued),
            *refreshes(),
            *of_caches(bodies, others),
            *of_feed(liveness.state, window),
            *of_hashing(pool),
            *of_limits(tally, policy),
            *of_spoofing(spoofed),
            *of_guessing(throttle),
            *of_database(database),
            *outbound(),
        ]

    return Exporter(measure, board)


def _refreshes(container: Any) -> Callable[[], list[Family]]:
    """The query side gives no tokens."""
    if container.side() == "query":
        return list
    watch = container.tokens.watch_refreshes()
    return lambda: of_refreshes(watch.found, watch.ended)


def _outbound(container: Any) -> Callable[[], list[Family]]:
    """The query side sends nothing, and asks nobody."""
    if container.side() == "query":
        return list
    asked, look_ups = container.fetching.way_out().asked, container.fetching.look_ups()
    watch, attempts = container.outbox.watch(), container.delivery().attempts
    return lambda: [
        *of_backlog(watch.backlog),
        *of_delivery(attempts),
        *of_asking(asked, look_ups),
        *_audit(container.audit),
    ]


def _audit(parts: Any) -> list[Family]:
    deliver = parts.deliver()
    return of_audit(
        parts.watch().state,
        chained=parts.chain_events().chained,
        destinations=deliver.destinations,
        failures=deliver.failures,
    )
