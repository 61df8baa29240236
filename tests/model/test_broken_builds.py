"""A server that lacks one thing which the promise rests on is found out by the judge; a whole one is not.

Each scenario leads straight to what its defect gets wrong. The second in them is the promise itself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from identity_service.domain.entities.event import UserDeactivated
from identity_service.domain.value_objects.ids import UserId
from tests.model.broken import DEFECTS
from tests.model.by_hand import FORGOT, LATE
from tests.model.caller import Caller
from tests.model.history import DONE, History
from tests.model.judge import Violation, violations
from tests.model.run import Size, run
from tests.model.town import Server, Town, a_town, populated
from tests.model.wire import Line
from tests.model.world import Held, Person, World
from tests.servers.databases import Databases
from tests.servers.redis import RedisServer

SIZE = Size(operations=15_000, callers=5, every=0.2, at_once=2, everything_revoked=0, keys_rotated=0)
A_FEW_READS = 0.5
"""Seconds in which the feed has been read again."""


class Scene:
    """One server, somebody who calls it, and what they do there."""

    def __init__(self, town: Town, world: World, person: Person) -> None:
        self.town = town
        self.world = world
        self.person = person
        self.server: Server = town.servers[0]
        self.line = Line(self.server.program.port)
        self.caller = Caller(world, self.line, self.server.name)
        self.client = world.clients["client-1"]

    async def remembered(self) -> Held:
        """A token that the server remembers to be alive."""
        await self.caller.sign_in(self.client, self.person)
        held = self.world.access[-1]
        for _ in range(3):
            await self.ask(held)
        return held

    async def ask(self, held: Held) -> None:
        await self.caller.introspect(held.name, held.text, self.world.clients["resource"])

    @asynccontextmanager
    async def deactivation(self) -> AsyncIterator[None]:
        """By a foreign process, whose rows stand in the feed from the beginning and are committed at the end."""
        call = self.world.begin("deactivate_user", "foreign", {"user": self.person.name})
        async with self.town.desk.container.begin() as uow:
            await uow.users.change(UserId(self.person.id), {"active": False}, version=None, raise_epoch=True)
            uow.events.add(UserDeactivated(by="cli", user_id=self.person.id))
            await uow.events.write()
            yield
            await uow._session.commit()
        call.answered, call.outcome = time.monotonic(), DONE


async def revoked_where_it_is_remembered(scene: Scene) -> None:
    held = await scene.remembered()
    await scene.caller.revoke(held)
    await scene.ask(held)


async def ended_while_the_database_is_out_of_sight(scene: Scene) -> None:
    held = await scene.remembered()
    fault = scene.world.fault("database cut", scene.server.name)
    scene.server.database.cut()
    async with scene.deactivation():
        pass
    await asyncio.sleep(1.05)
    await scene.ask(held)
    await scene.server.database.heal()
    fault.end = time.monotonic()


async def ended_by_a_writer_that_commits_late(scene: Scene) -> None:
    held, other = await scene.remembered(), await scene.remembered()
    async with scene.deactivation():
        await scene.caller.revoke(other)
        await asyncio.sleep(A_FEW_READS)
    await asyncio.sleep(1.05)
    await scene.ask(held)


async def deactivated_where_it_is_remembered(scene: Scene) -> None:
    held = await scene.remembered()
    path, about = f"/users/{scene.person.id}/deactivate", {"user": scene.person.name}
    await scene.caller.order("deactivate_user", path, about)
    await scene.ask(held)


SCENARIOS: dict[str, tuple[Callable[[Scene], Awaitable[None]], str]] = {
    "window_not_consulted": (revoked_where_it_is_remembered, FORGOT),
    "ended_tokens_not_consulted": (revoked_where_it_is_remembered, FORGOT),
    "lease_ignored": (ended_while_the_database_is_out_of_sight, LATE),
    "feed_read_by_sequence": (ended_by_a_writer_that_commits_late, LATE),
    "event_without_its_ending": (deactivated_where_it_is_remembered, FORGOT),
}

Play = Callable[..., Awaitable[History]]


@pytest.fixture
def play(postgres: Databases, redis_server: RedisServer, tmp_path: Path) -> Play:
    """Plays scenarios at one server, with a defect or whole."""

    async def run(*scenarios: Callable[[Scene], Awaitable[None]], defect: str = "") -> History:
        database_url = await postgres.database()
        async with a_town(tmp_path, database_url, redis_server, workers=(1,), defect=defect) as town:
            world = await populated(town, people=len(scenarios))
            for scenario, person in zip(scenarios, world.people.values(), strict=True):
                scene = Scene(town, world, person)
                await scenario(scene)
                scene.line.close()
        return world.history

    return run


BY_DEFAULT = ("feed_read_by_sequence", "window_not_consulted")
"""The others take a server each as well, and are for `--all`."""


@pytest.mark.parametrize(
    "defect",
    [defect if defect in BY_DEFAULT else pytest.param(defect, marks=pytest.mark.all) for defect in DEFECTS],
)
async def test_s5_a_server_with_this_defect_is_found_out(play: Play, defect: str) -> None:
    scenario, rule = SCENARIOS[defect]
    assert [found.rule for found in violations(await play(scenario, defect=defect))] == [rule]


@pytest.mark.all
async def test_s5_a_whole_server_goes_through_the_same_and_keeps_the_promise(play: Play) -> None:
    history = await play(*dict.fromkeys(scenario for scenario, _ in SCENARIOS.values()))

    assert violations(history) == []
    assert [call.outcome for call in history.calls].count("active") == 15


@pytest.mark.all
@pytest.mark.parametrize("defect", DEFECTS)
async def test_s5_a_random_run_finds_it_out_too(
    postgres: Databases, redis_server: RedisServer, tmp_path: Path, defect: str
) -> None:
    """Nobody led it there. A run may have bad luck, eight of them hardly."""
    broken: list[Violation] = []
    while not broken and (tries := len(list(tmp_path.iterdir()))) < 8:
        folder = tmp_path / f"try-{tries}"
        folder.mkdir()
        async with a_town(
            folder, await postgres.database(), redis_server, workers=(1, 1, 1), defect=defect
        ) as town:
            broken = violations(await run(town, tries, SIZE))
        redis_server.make_fresh()
    assert {found.rule for found in broken} & {FORGOT, LATE}
