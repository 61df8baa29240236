"""What the process knows and says of itself: the parts behind health checks and the start."""

import time
from dataclasses import replace
from typing import Any

from dependency_injector import containers, providers

from identity_service import __version__
from identity_service.adapters.sql.database import Database, DatabaseOptions
from identity_service.adapters.sql.schema_state import SqlSchema
from identity_service.application.liveness.liveness import Liveness
from identity_service.application.run_state import RunState
from identity_service.application.services import HealthService
from identity_service.application.use_cases.system.check_health import CheckHealth
from identity_service.application.workers.preparation import Preparation
from identity_service.ports.health import Probe

PROBE_SECONDS = 0.5
VITAL = ("database", "keys")
"""Without these no token can be issued or judged."""


def _probe_options(options: DatabaseOptions) -> DatabaseOptions:
    """Health checks bring their own connection: a busy pool is no reason to be taken out of service."""
    return replace(options, pooled=False, connect_timeout=2 * PROBE_SECONDS, statement_timeout=PROBE_SECONDS)


def _probes(schema: SqlSchema, state: RunState, liveness: Liveness, redis: Any) -> dict[str, Probe]:
    async def feed() -> str | None:
        """At a start nobody waits for the first read: before its end nothing is known against the feed."""
        state = liveness.state
        return None if state.in_sight or not state.asked else "not in sight: caches are bypassed"

    async def ping() -> None:
        await redis.ping()

    probes: dict[str, Probe] = {"database": schema.problem, "keys": state.keys, "feed": feed}
    return probes if redis is None else probes | {"redis": ping}


class Operation(containers.DeclarativeContainer):
    """How the parts fit that tell an operator, and a load balancer, how the process is."""

    database_options: Any = providers.Dependency()
    liveness: Any = providers.Dependency()
    load_keys: Any = providers.Dependency()
    redis: Any = providers.Dependency()

    state = providers.Singleton(RunState)
    schema = providers.Singleton(
        SqlSchema, providers.Singleton(Database, providers.Singleton(_probe_options, database_options))
    )
    preparation = providers.Singleton(Preparation, schema=schema, load_keys=load_keys, state=state)
    check_health = providers.Singleton(
        CheckHealth,
        probes=providers.Singleton(_probes, schema, state, liveness, redis),
        vital=VITAL,
        state=state,
        version=__version__,
        clock=providers.Object(time.monotonic),
    )
    service = providers.Singleton(HealthService, check_health=check_health, state=state)
