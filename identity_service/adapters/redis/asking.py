"""When a Redis that failed is asked again."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from redis.commands.core import AsyncScript

from identity_service.adapters.redis.client import AWAY

AGAIN_AFTER_SECONDS = 1.0
"""How long Redis is left alone after it failed, so that a hanging one does not delay every request."""


class Asking:
    """Runs scripts within a time. `what` is counted, in the words of the log; `clock` is seconds, monotonic."""

    def __init__(
        self, log: logging.Logger, *, what: str, clock: Callable[[], float], timeout_seconds: float
    ) -> None:
        self._log = log
        self._what = what
        self._clock = clock
        self._timeout = timeout_seconds
        self._away_until = float("-inf")
        self._away = False

    async def __call__(self, script: AsyncScript, keys: Sequence[bytes], arguments: Sequence[Any]) -> Any:
        """What the script answered; None while Redis is away."""
        if self._clock() < self._away_until:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                answer = await script(keys=keys, args=arguments)
        except AWAY as error:
            self._failed(error)
            return None
        if self._away:
            self._log.info("%s are counted across processes again", self._what)
        self._away = False
        return answer

    def _failed(self, error: BaseException) -> None:
        self._away_until = self._clock() + AGAIN_AFTER_SECONDS
        if not self._away:
            self._log.warning(
                "Redis is away (%s): %s are counted per process", error or type(error).__name__, self._what
            )
        self._away = True
