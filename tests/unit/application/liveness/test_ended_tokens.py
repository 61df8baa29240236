"""The copy of what has ended for ever: when its silence counts."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from identity_service.adapters.memory.endings_carrier import NoEndingsCarrier
from identity_service.application.liveness import read_ended_tokens as module
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.read_ended_tokens import ReadEndedTokens
from identity_service.ports.repositories.endings import Ending


def read(tokens: EndedTokens, *tags: str) -> None:
    """The whole table, which holds these."""
    reading = tokens.begin()
    assert tokens.load(reading, tags)
    tokens.finish(reading)


def test_nothing_is_certain_before_the_whole_table_was_read() -> None:
    tokens = EndedTokens(most=10)
    assert tokens.may_have(["jti:1"])
    reading = tokens.begin()
    tokens.load(reading, ["jti:2"])
    assert tokens.may_have(["jti:1"])
    tokens.finish(reading)

    assert not tokens.may_have(["jti:1", "family:1"])
    assert tokens.may_have(["jti:1", "jti:2"])


def test_what_ends_while_the_table_is_read_is_known_afterwards() -> None:
    tokens = EndedTokens(most=10)
    reading = tokens.begin()
    tokens.apply(["family:1"])
    tokens.finish(reading)

    assert tokens.may_have(["family:1"])


def test_while_the_table_is_read_again_what_is_known_is_used() -> None:
    tokens = EndedTokens(most=10)
    read(tokens, "jti:1")
    reading = tokens.begin()
    tokens.apply(["jti:2"])

    assert tokens.may_have(["jti:1"])
    assert tokens.may_have(["jti:2"])
    assert not tokens.may_have(["jti:3"])
    tokens.finish(reading)
    assert tokens.may_have(["jti:2"])
    assert not tokens.may_have(["jti:1"]), "the table holds it no longer"


def test_a_reading_that_a_gap_in_the_feed_overtook_is_worth_nothing() -> None:
    tokens = EndedTokens(most=10)
    reading = tokens.begin()
    tokens.restart()

    assert not tokens.load(reading, [])
    tokens.finish(reading)
    assert tokens.may_have(["jti:1"])


def test_a_gap_in_the_feed_makes_everything_uncertain() -> None:
    tokens = EndedTokens(most=10)
    read(tokens)
    tokens.restart()

    assert tokens.may_have(["jti:1"])


def test_with_too_many_nothing_is_certain_and_nothing_is_kept() -> None:
    tokens = EndedTokens(most=3)
    assert not tokens.load(tokens.begin(), [f"jti:{number}" for number in range(4)])
    read(tokens)
    tokens.apply(f"jti:{number}" for number in range(4))

    assert tokens.may_have(["jti:9"])
    assert len(tokens) == 0


def test_users_clients_and_the_server_come_alive_again_and_are_not_kept() -> None:
    tokens = EndedTokens(most=10)
    read(tokens, "user:1", "client:1", "server", "keys", "jti:1")
    tokens.apply(["user:2", "server"])

    assert len(tokens) == 1


class Table:
    """The rows of the feed; something may happen between two pages."""

    def __init__(self, *tags: str) -> None:
        self.tags = list(tags)
        self.pages = 0
        self.between: Any = lambda: None

    @asynccontextmanager
    async def __call__(self) -> Any:
        yield self

    @property
    def endings(self) -> "Table":
        return self

    async def of_tokens(self, *, after: int, most: int) -> Sequence[Ending]:
        if self.pages:
            self.between()
        self.pages += 1
        rows = [Ending(number, tag) for number, tag in enumerate(self.tags, start=1)]
        return rows[after : after + most]


class Scene:
    def __init__(self, *tags: str) -> None:
        self.tokens = EndedTokens(most=100)
        self.endings = Endings(
            window=EndedWindow(most_tags=100), tokens=self.tokens, carrier=NoEndingsCarrier()
        )
        self.table = Table(*tags)
        self.read = ReadEndedTokens(
            read=self.table,  # type: ignore[arg-type]  # the one repository that is asked
            tokens=self.tokens,
            endings=self.endings,
        )


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)


@pytest.mark.parametrize("rows", range(6))
async def test_the_table_is_read_to_its_end(rows: int) -> None:
    scene = Scene(*(f"jti:{number}" for number in range(rows)))

    assert await scene.read()
    assert [scene.tokens.may_have([f"jti:{number}"]) for number in range(rows + 1)] == [True] * rows + [False]


async def test_a_gap_in_the_feed_while_the_table_is_read_makes_it_begin_anew() -> None:
    scene = Scene("jti:1", "jti:2", "jti:3")
    scene.table.between = scene.endings.maybe_missed

    assert not await scene.read()
    assert scene.tokens.may_have(["jti:9"])
    assert scene.endings.tokens_unknown.is_set(), "which asks for the next reading"
