"""Questions that arrive together are one question to the database, and none is answered with what is older than it."""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from identity_service.application.liveness import look_ups as module
from identity_service.application.liveness.look_ups import LookUps
from identity_service.domain.entities.token import TokenTies
from identity_service.domain.value_objects.ids import ClientId
from identity_service.ports.unit_of_work import StorageUnavailable


class Database:
    """Answers each question with its own jti, when it is let."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.failure: BaseException | None = None

    @asynccontextmanager
    async def __call__(self) -> Any:
        yield self

    @property
    def revoked_tokens(self) -> "Database":
        return self

    async def access_states(self, wanted: Sequence[TokenTies]) -> list[str]:
        self.asked.append([ties.jti for ties in wanted])
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure
        return [ties.jti for ties in wanted]


@pytest.fixture
async def database() -> Database:
    return Database()


@pytest.fixture
def look_up(database: Database) -> LookUps:
    return LookUps(database)  # type: ignore[arg-type]  # the one repository that is asked


def ties(jti: str) -> TokenTies:
    return TokenTies(jti, None, None, ClientId("c"))


async def test_what_is_asked_in_one_turn_is_one_statement_and_each_gets_its_own_answer(
    database: Database, look_up: LookUps
) -> None:
    answers = await asyncio.gather(*(look_up(ties(jti)) for jti in "abc"))

    assert [*answers] == ["a", "b", "c"]
    assert database.asked == [["a", "b", "c"]]


async def test_who_comes_while_a_statement_is_under_way_is_not_answered_by_it(
    database: Database, look_up: LookUps
) -> None:
    database.answers.clear()
    first = asyncio.ensure_future(look_up(ties("a")))
    while not database.asked:
        await asyncio.sleep(0)
    second = asyncio.ensure_future(look_up(ties("a")))
    await asyncio.sleep(0)
    database.answers.set()
    await asyncio.gather(first, second)

    assert database.asked == [["a"], ["a"]]


async def test_a_long_queue_is_several_statements(
    database: Database, look_up: LookUps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 2)
    await asyncio.gather(*(look_up(ties(jti)) for jti in "abcde"))

    assert sorted(map(len, database.asked)) == [1, 2, 2]


async def test_a_failure_is_everybodys(database: Database, look_up: LookUps) -> None:
    database.failure = StorageUnavailable("away")
    found = await asyncio.gather(*(look_up(ties(jti)) for jti in "ab"), return_exceptions=True)

    assert [type(each) for each in found] == [StorageUnavailable] * 2
    database.failure = None
    assert await look_up(ties("a")) == "a"


async def test_who_leaves_takes_nobody_along(database: Database, look_up: LookUps) -> None:
    database.answers.clear()
    leaving, staying = (asyncio.ensure_future(look_up(ties(jti))) for jti in "ab")
    while not database.asked:
        await asyncio.sleep(0)
    leaving.cancel()
    database.answers.set()

    assert await staying == "b"
    assert leaving.cancelled()
