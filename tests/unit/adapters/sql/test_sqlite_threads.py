"""Connections to SQLite are closed, also those that nobody waited for."""

import asyncio
import sqlite3
import threading
from typing import Any

import pytest
from pytest_mock import MockerFixture

from identity_service.adapters.sql.sqlite_threads import SqliteThreads


class Held:
    """`sqlite3.connect`, which takes until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.made: list[sqlite3.Connection] = []
        self._connect: Any = sqlite3.connect

    def __call__(self, *arguments: Any, **options: Any) -> sqlite3.Connection:
        self.begun.set()
        self.let_go.wait(60)
        self.made.append(self._connect(*arguments, check_same_thread=False, **options))
        return self.made[-1]


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


async def opened(threads: SqliteThreads) -> Any:
    return await threads.connect(":memory:")


@pytest.mark.parametrize("late", [True, False])
async def test_what_is_opened_for_somebody_who_is_gone_is_closed(mocker: MockerFixture, late: bool) -> None:
    held, threads = Held(), SqliteThreads()
    mocker.patch("aiosqlite.core.sqlite3.connect", held)
    waiting = asyncio.create_task(opened(threads))
    await asyncio.to_thread(held.begun.wait, 60)
    if not late:
        held.let_go.set()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    held.let_go.set()
    await threads.ended()

    assert [is_closed(each) for each in held.made] == [True]


async def test_one_that_is_closed_stays_so() -> None:
    threads = SqliteThreads()
    connection = await opened(threads)
    inner = connection._connection
    await connection.close()
    await threads.ended()

    assert is_closed(inner)
