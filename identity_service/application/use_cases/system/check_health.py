"""How the server is, and whether it can do its work."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from identity_service.application.run_state import RunState
from identity_service.ports.health import Probe

log = logging.getLogger(__name__)

KEPT_SECONDS = 1.0
"""Anybody may ask, so the dependencies are asked once a second at most."""
LONGEST_SECONDS = 1.0
AWAY = "does not answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """One thing the server depends on; `problem` is None when it is well."""

    problem: str | None
    milliseconds: float
    vital: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`reasons` is empty when requests may be sent here."""

    status: Literal["ok", "degraded", "down"]
    version: str
    dependencies: Mapping[str, Dependency]
    reasons: tuple[str, ...]


class CheckHealth:
    """Asks every dependency, each for a second at most, and keeps what it learned for a second.

    - `down`: a vital dependency fails, and no token can be issued or judged.
    - `degraded`: another one fails; answers are as right as ever, only slower.
    - A process that was told to stop is not ready any more, however well it is.
    """

    def __init__(
        self,
        *,
        probes: Mapping[str, Probe],
        vital: Collection[str],
        state: RunState,
        version: str,
        clock: Callable[[], float],
    ) -> None:
        """`clock` counts seconds and never goes back."""
        self._probes = probes
        self._vital = frozenset(vital)
        self._state = state
        self._version = version
        self._clock = clock
        self._asking: dict[str, asyncio.Task[str | None]] = {}
        self._known: tuple[float, dict[str, Dependency]] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> Health:
        """Never raises: a probe that fails is a finding."""
        async with self._one_at_a_time:
            found = await self._findings()
        problems = {name: each.problem for name, each in found.items() if each.problem is not None}
        failing = [f"{name}: {problem}" for name, problem in problems.items() if found[name].vital]
        return Health(
            status="down" if failing else "degraded" if problems else "ok",
            version=self._version,
            dependencies=found,
            reasons=(*failing, *(("the server is stopping",) if self._state.draining else ())),
        )

    async def _findings(self) -> dict[str, Dependency]:
        now = self._clock()
        if self._known is None or now - self._known[0] >= KEPT_SECONDS:
            found = await asyncio.gather(*(self._ask(name) for name in self._probes))
            self._known = (self._clock(), dict(zip(self._probes, found, strict=True)))
        return self._known[1]

    async def _ask(self, name: str) -> Dependency:
        """A probe that hangs is left to itself and not asked again before it ends: nothing piles up."""
        started = self._clock()
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.ensure_future(self._probes[name]())
        await asyncio.wait({task}, timeout=LONGEST_SECONDS)
        problem: str | None = AWAY
        if task.done():
            del self._asking[name]
            problem = _result(name, task)
        return Dependency(
            problem=problem,
            milliseconds=round((self._clock() - started) * 1000, 1),
            vital=name in self._vital,
        )

    async def close(self) -> None:
        """Ends what still hangs."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)


def _result(name: str, task: "asyncio.Task[str | None]") -> str | None:
    """The error itself may name addresses and accounts: it is for the log."""
    if (error := task.exception()) is not None:
        log.debug("the %s does not answer: %s", name, error)
        return AWAY
    return task.result()
