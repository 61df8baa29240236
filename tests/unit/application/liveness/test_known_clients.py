"""Clients that the pages ask about: remembered for some seconds, and forgotten with whatever ends or changes them."""

from dataclasses import replace
from typing import Any

import pytest

from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.known_clients import SECONDS, KnownClients
from identity_service.application.liveness.lease import Lease
from identity_service.domain.entities.client import Client
from identity_service.domain.entities.tag import SERVER, client_tag
from tests.clock import Clock
from tests.entities import CLIENT


class Table:
    """The unit of work and its clients: one client, and how often it was asked for."""

    def __init__(self) -> None:
        self.client: Client | None = CLIENT
        self.asked = 0

    @property
    def clients(self) -> "Table":
        return self

    async def get(self, client_id: str) -> Client | None:
        self.asked += 1
        return self.client


class Scene:
    def __init__(self) -> None:
        self.clock, self.boot = Clock(), Clock()
        self.window = EndedWindow(most_tags=100)
        self.lease = Lease(self.boot, tolerance_seconds=0)
        self.lease.extend(self.boot())
        self.table: Any = Table()
        self.known = KnownClients(
            answers=Answers[Client](window=self.window, lease=self.lease, most=10), clock=self.clock
        )

    async def ask(self) -> Client | None:
        return await self.known.active(self.table, CLIENT.client_id)


async def test_a_client_is_read_once_for_some_seconds() -> None:
    scene = Scene()
    assert [await scene.ask(), await scene.ask()] == [CLIENT, CLIENT]
    assert scene.table.asked == 1
    scene.clock.now += SECONDS
    assert await scene.ask() == CLIENT
    assert scene.table.asked == 2


@pytest.mark.parametrize("tag", [client_tag(CLIENT.client_id), SERVER])
async def test_a_change_is_seen_with_the_next_question(tag: str) -> None:
    scene = Scene()
    await scene.ask()
    scene.table.client = changed = replace(CLIENT, redirect_uris=())
    scene.window.apply([tag])
    assert await scene.ask() == changed


async def test_what_ends_while_it_is_read_is_not_remembered() -> None:
    scene = Scene()
    read = scene.table.get

    async def read_while_it_ends(client_id: str) -> Client | None:
        found: Client | None = await read(client_id)
        scene.window.apply([client_tag(CLIENT.client_id)])
        return found

    scene.table.get = read_while_it_ends
    await scene.ask()
    await scene.ask()
    assert scene.table.asked == 2


async def test_nothing_is_remembered_out_of_sight_of_the_feed() -> None:
    scene = Scene()
    await scene.ask()
    scene.boot.now += 60
    await scene.ask()
    assert scene.table.asked == 2


@pytest.mark.parametrize("found", [None, replace(CLIENT, active=False)], ids=["none", "inactive"])
async def test_who_is_not_active_is_nobody_and_not_remembered(found: Client | None) -> None:
    scene = Scene()
    scene.table.client = found
    assert [await scene.ask(), await scene.ask()] == [None, None]
    assert scene.table.asked == 2
