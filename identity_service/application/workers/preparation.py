"""A process starts whatever is away, and prepares itself as soon as it can."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from identity_service.application.run_state import RunState
from identity_service.application.use_cases.keys.sealing import KeysUnreadable
from identity_service.ports.health import Schema
from identity_service.ports.unit_of_work import StorageUnavailable

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
FIRST_TRY_SECONDS = 2.0
"""So long a start waits for the first try; after that the process answers, and is not ready."""


class Preparation:
    """Loads the keys, as soon as the database answers and its tables are the right ones.

    What stands in the way is said once, until it changes.
    """

    def __init__(
        self,
        *,
        schema: Schema,
        load_keys: Callable[[], Awaitable[object]],
        state: RunState,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._schema = schema
        self._load_keys = load_keys
        self._state = state
        self._sleep = sleep
        self._tried = asyncio.Event()
        self._said = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Tries in the background until it succeeds; returns after the first try."""
        self._task = asyncio.create_task(self._until_prepared(), name="preparation")
        try:
            await asyncio.wait_for(self._tried.wait(), FIRST_TRY_SECONDS)
        except TimeoutError:
            log.warning("the database has not answered yet; starting without it")

    async def stop(self) -> None:
        """Ends the trying."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _until_prepared(self) -> None:
        while not self._state.prepared:
            await self.attempt()
            self._tried.set()
            if not self._state.prepared:
                await self._sleep(RETRY_SECONDS)

    async def attempt(self) -> None:
        """One try; what stands in the way is logged."""
        try:
            problem = await self._schema.problem() or await self._keys_problem()
        except StorageUnavailable as error:
            problem = f"the database cannot be used: {error}"
        except Exception:  # a start-up must not end with its first surprise
            self._say("a defect keeps the keys from being loaded", trace=True)
            return
        self._state.prepared = problem is None
        self._say(problem or "the database answers and the keys are loaded")

    async def _keys_problem(self) -> str | None:
        try:
            await self._load_keys()
        except KeysUnreadable as error:
            self._state.obstacle = error.reason
            return str(error)
        self._state.obstacle = None
        return None

    def _say(self, text: str, *, trace: bool = False) -> None:
        if text != self._said:
            log.log(logging.INFO if self._state.prepared else logging.ERROR, "%s", text, exc_info=trace)
        self._said = text
