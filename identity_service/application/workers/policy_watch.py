"""A file of quotas that changes is read again, and holds from then on; one that is broken does not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from identity_service.application.admission.policy_in_use import PolicyInUse
from identity_service.domain.services.quota_policy import InvalidPolicy, parse_policy

log = logging.getLogger(__name__)

EVERY_SECONDS = 2.0


class PolicyWatch:
    """Each process watches for itself. `read` is the file as it is now; it raises OSError, or ValueError for what is no
    text."""

    def __init__(
        self,
        policy: PolicyInUse,
        read: Callable[[], str],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._policy = policy
        self._read = read
        self._sleep = sleep
        self._seen: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._run(), name="quota policy")

    async def stop(self) -> None:
        """No more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self.look()
            await self._sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Reads the file once. What is wrong with it is said once, until it changes."""
        try:
            text = await asyncio.to_thread(self._read)
            problem = ""
        except (OSError, ValueError) as error:
            text, problem = "", f"it cannot be read: {error}"
        seen = problem or text
        if seen == self._seen:
            return
        first, self._seen = self._seen is None, seen
        self._take(text, problem, first=first)

    def _take(self, text: str, problem: str, *, first: bool) -> None:
        try:
            policy = None if problem else parse_policy(text)
        except InvalidPolicy as error:
            policy, problem = None, str(error)
        self._policy.broken = policy is None
        if policy is None:
            log.error("RATE_LIMIT_POLICY_FILE is broken, the quotas of before still hold: %s", problem)
        elif policy != self._policy.policy:
            self._policy.replace(policy)
            log.warning("the quotas have changed: %d hold now", len(policy.quotas))
        elif not first:
            log.info("RATE_LIMIT_POLICY_FILE says what holds")
