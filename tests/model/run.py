"""A run: so many callers at each server, faults beside them, from one seed; what comes of it is a history."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.model.caller import Caller
from tests.model.faults import Faults
from tests.model.history import EVERYWHERE, History
from tests.model.orders import Orders
from tests.model.plan import Plan
from tests.model.town import Server, Town, populated
from tests.model.wire import Line
from tests.model.world import World

BEAT, STALL = 0.05, 0.3
WARM_UP = 200
"""Calls before anything breaks: by then every server remembers answers."""


@dataclass(frozen=True)
class Size:
    """How much is done. `every` are the seconds between two faults; `callers` are counted per server."""

    operations: int
    callers: int
    every: float
    at_once: int = 1
    everything_revoked: int = 1
    keys_rotated: int = 1

    def resized(self, operations: int) -> "Size":
        """The same with another number of operations."""
        return replace(self, operations=operations)


async def run(town: Town, seed: int, size: Size) -> History:
    """Everything that was asked and told. The seed decides who does what; only the timing is the machine's."""
    world = await populated(town)
    async with asyncio.TaskGroup() as tasks:
        callers = [
            tasks.create_task(_calls(world, server, number, seed, size))
            for server in town.servers
            for number in range(size.callers)
        ]
        breaking = [
            tasks.create_task(_breaks(town, world, seed, size, which)) for which in range(size.at_once)
        ]
        ordering = tasks.create_task(_operates(town, world, seed, size, callers))
        heart = tasks.create_task(_notice_stalls(world))
        await asyncio.wait(callers)
        heart.cancel()
        for task in (*breaking, ordering):
            await task
    return world.history


async def _calls(world: World, server: Server, number: int, seed: int, size: Size) -> None:
    line = Line(server.program.port)
    sticky = str(number) if server.program.workers > 1 else ""
    caller = Caller(world, line, server.name, sticky=sticky)
    rng = Random(f"{seed} caller {server.name} {number}")
    plan, orders = Plan(world, caller, rng), Orders(world, caller, rng)
    steps = 0
    while len(world.history.calls) < size.operations:
        await plan.step()
        steps += 1
        if number == 0 and steps % 20 == 0:
            await orders.reactivate()
    line.close()


async def _breaks(town: Town, world: World, seed: int, size: Size, which: int) -> None:
    faults = Faults(town, world, Random(f"{seed} faults {which}"))
    await _reached(world, WARM_UP)
    while len(world.history.calls) < size.operations * 0.95:
        await faults.one()
        await asyncio.sleep(size.every)


async def _operates(
    town: Town, world: World, seed: int, size: Size, callers: Sequence["asyncio.Task[None]"]
) -> None:
    faults = Faults(town, world, Random(f"{seed} operator"))
    rng = Random(f"{seed} operations")
    orders = [faults.revoke_everything] * size.everything_revoked + [faults.rotate_keys] * size.keys_rotated
    rng.shuffle(orders)
    for number, order in enumerate(orders, 1):
        await _reached(world, size.operations * number // (len(orders) + 1))
        await order()


async def _notice_stalls(world: World) -> None:
    """When this process stands still, so do the proxies in it: nobody reaches the database."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(BEAT)
        if time.monotonic() - before > BEAT + STALL:
            fault = world.fault("database stalled with the run", EVERYWHERE)
            fault.start, fault.end = before, time.monotonic()


async def _reached(world: World, calls: int) -> None:
    while len(world.history.calls) < calls:
        await asyncio.sleep(0.02)
