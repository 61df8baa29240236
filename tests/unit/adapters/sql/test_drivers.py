"""A lent connection comes back or is closed; what is remembered of rows is given only for the same rows."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects import sqlite

from identity_service.adapters.sql.drivers import PostgresDriver
from identity_service.adapters.sql.hot_statements import HotStatement
from identity_service.adapters.sql.schema.accounts import users
from identity_service.ports.unit_of_work import StorageUnavailable


class Connection:
    """A connection that answers with its own number, waits, or fails."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.closed = False
        self.error: BaseException | None = None
        self.let_go = asyncio.Event()
        self.let_go.set()

    async def fetch(self, text: str, *arguments: Any) -> Any:
        await self.let_go.wait()
        if self.error is not None:
            raise self.error
        return [(self.number,)]

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True

    async def close(self, timeout: float) -> None:
        self.closed = True


class Rig:
    def __init__(self, *, size: int = 2, refuse: Callable[[], None] = lambda: None) -> None:
        self.made: list[Connection] = []
        self.driver = PostgresDriver(self.connect, refuse=refuse, size=size, timeout_seconds=0.01)

    async def connect(self) -> Connection:
        self.made.append(Connection(len(self.made)))
        return self.made[-1]

    async def ask(self) -> int:
        [(number,)] = await self.driver.rows("SELECT", ())
        return int(number)


async def test_a_connection_is_used_again_and_no_second_one_is_made() -> None:
    rig = Rig()
    assert [await rig.ask() for _ in range(3)] == [0, 0, 0]
    assert rig.driver.connections == (0, 1)


async def test_one_that_ended_while_idle_is_replaced() -> None:
    rig = Rig()
    await rig.ask()
    rig.made[0].closed = True
    assert await rig.ask() == 1


@pytest.mark.parametrize(("severity", "next_one"), [("ERROR", 0), ("FATAL", 1), ("PANIC", 1)])
async def test_a_connection_outlives_an_error_of_the_database_but_not_its_farewell(
    severity: str, next_one: int
) -> None:
    rig = Rig()
    await rig.ask()
    rig.made[0].error = error = asyncpg.PostgresError("no")
    error.severity_en = severity
    with pytest.raises(asyncpg.PostgresError):
        await rig.ask()
    rig.made[0].error = None
    assert await rig.ask() == next_one


@pytest.mark.parametrize("error", [TimeoutError(), OSError(), asyncpg.InternalClientError("it ends")])
async def test_silence_closes_the_connection_and_its_idle_neighbours(error: Exception) -> None:
    rig = Rig()
    await rig.ask()
    rig.made[0].let_go.clear()
    waiting = asyncio.create_task(rig.ask())
    await asyncio.sleep(0)
    assert await rig.ask() == 1
    rig.made[0].error = error
    rig.made[0].let_go.set()
    with pytest.raises(type(error)):
        await waiting
    assert [connection.closed for connection in rig.made] == [True, True]
    assert await rig.ask() == 2


async def test_one_that_is_abandoned_in_the_middle_is_closed_alone() -> None:
    rig = Rig(size=1)
    await rig.ask()
    rig.made[0].let_go.clear()
    waiting = asyncio.create_task(rig.ask())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert rig.made[0].closed
    assert await rig.ask() == 1


async def test_who_waits_too_long_for_a_free_one_is_refused() -> None:
    rig = Rig(size=1)
    await rig.ask()
    rig.made[0].let_go.clear()
    waiting = asyncio.create_task(rig.ask())
    await asyncio.sleep(0)
    with pytest.raises(StorageUnavailable, match="became free"):
        await rig.ask()
    rig.made[0].let_go.set()
    assert await waiting == 0
    assert await rig.ask() == 0


async def test_an_open_circuit_refuses_before_anything_is_lent() -> None:
    def refuse() -> None:
        raise StorageUnavailable("the database does not answer")

    rig = Rig(refuse=refuse)
    with pytest.raises(StorageUnavailable):
        await rig.ask()
    assert rig.made == []


async def test_after_the_close_nothing_is_idle() -> None:
    rig = Rig()
    await rig.ask()
    await rig.driver.close()
    assert rig.made[0].closed
    assert rig.driver.connections == (0, 0)


def test_the_same_rows_are_parsed_once_and_other_rows_anew() -> None:
    parsed: list[Any] = []

    def make(rows: Any) -> Any:
        parsed.append(rows)
        return [row.username for row in rows]

    statement = HotStatement(
        select(users.c.username, users.c.active).where(users.c.id == bindparam("id")), make, remembered=1
    ).compiled(sqlite.dialect())
    arguments = statement.arguments({"id": "00000000-0000-7000-8000-000000000001"})

    first = statement.make(arguments, [("alice", 1)])
    assert statement.make(arguments, [("alice", 1)]) is first
    assert statement.make(arguments, [("bob", 1)]) == ["bob"]
    assert [row.active for row in parsed[-1]] == [True], "the column's own type has read it"
    assert len(parsed) == 2
    others = statement.arguments({"id": "00000000-0000-7000-8000-000000000002"})
    statement.make(others, [("carol", 1)])
    statement.make(arguments, [("bob", 1)])
    assert len(parsed) == 4, "only the newest is kept"
