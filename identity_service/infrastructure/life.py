"""What an application starts when it begins to serve, and closes when it ends."""

import logging
import multiprocessing
from typing import Any

from identity_service.infrastructure.admitting import Counting
from identity_service.infrastructure.config.settings import Settings

log = logging.getLogger(__name__)


async def start(container: Any, settings: Settings) -> None:
    """Whatever is away, the process starts, answers that it lives, and goes on trying."""
    _say_what_is_per_process(settings)
    _say_what_is_for_development(settings)
    await container.operation.preparation().start()
    await container.liveness().start()
    await Counting(container).start()
    if container.side() != "query":  # which may only read
        container.workers().start()


async def close(container: Any) -> None:
    """Ends whatever was started, the database last but for Redis."""
    if container.side() != "query":
        await container.workers().stop()
    await Counting(container).stop()
    await container.operation.preparation().stop()
    await container.operation.check_health().close()
    await container.liveness().close()
    await container.hashing_pool().close()
    await container.database().close()
    if (redis := container.redis()) is not None:
        await redis.aclose()


def _say_what_is_per_process(settings: Settings) -> None:
    """Once: the first of several workers is named `…-1` by multiprocessing."""
    first = multiprocessing.current_process().name.endswith("-1")
    if first and multiprocessing.parent_process() and settings.rate_limits == "on" and not settings.redis_url:
        log.warning("there is no REDIS_URL: each worker process counts requests and attempts for itself")


def _say_what_is_for_development(settings: Settings) -> None:
    if settings.issuer.startswith("http:"):
        log.warning("ISSUER is http: browsers keep the cookies of people who sign in without Secure")
