"""A server that was cut off while keys were rotated takes no token of the new key for a dead one (PROTOCOL.md §3: no
token ever fails because of a rotation), and no revocation for done that was not."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.forged import header_of
from tests.model.caller import Caller
from tests.model.history import ACTIVE, INACTIVE, UNAVAILABLE
from tests.model.judge import violations
from tests.model.town import Town, a_town, populated
from tests.model.wire import Line
from tests.model.world import Held, World
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer


async def rotate(town: Town) -> None:
    await town.cli("keys", "generate")
    await town.cli("keys", "rotate", "--now")


async def signed_by_the_new_key(world: World, caller: Caller, old: Held) -> list[Held]:
    """Two tokens, once the server that was not cut off signs with another key than it signed the old one with."""
    client = world.clients["client-1"]
    async with asyncio.timeout(20):
        while header_of(world.access[-1].text) == header_of(old.text):
            await caller.fetch(client)
    await caller.fetch(client)
    return world.access[-2:]


@pytest.mark.all
async def test_s3_a_server_that_missed_a_rotation_says_nothing_wrong(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path
) -> None:
    async with a_town(tmp_path, await postgres.database(), redis_server, workers=(1, 1)) as town:
        world = await populated(town, people=1)
        lines = [Line(server.program.port) for server in town.servers]
        one, other = [Caller(world, line, str(number)) for number, line in enumerate(lines, 1)]
        resource = world.clients["resource"]
        await one.fetch(world.clients["client-1"])
        old = world.access[-1]
        await other.introspect(old.name, old.text, resource)
        fault = world.fault("database cut", "2")
        town.servers[1].database.cut()
        await rotate(town)
        living, revoked = await signed_by_the_new_key(world, one, old)
        while_cut_off = await other.introspect(living.name, living.text, resource)
        await town.servers[1].database.heal()
        fault.end = time.monotonic()
        at_last = [await other.introspect(living.name, living.text, resource)]
        ending = await other.revoke(revoked)
        while ending.outcome == UNAVAILABLE:
            at_last.append(await other.introspect(living.name, living.text, resource))
            ending = await other.revoke(revoked)
        await asyncio.sleep(1.02)
        dead = [await caller.introspect(revoked.name, revoked.text, resource) for caller in (one, other)]
        for line in lines:
            line.close()

    assert while_cut_off.outcome == UNAVAILABLE
    assert [call.outcome for call in dead] == [INACTIVE] * 2
    assert {call.outcome for call in at_last} <= {ACTIVE, UNAVAILABLE}
    assert violations(world.history) == []
