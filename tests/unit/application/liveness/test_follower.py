"""The follower: a read counts once it has been applied, and trust begins where it started."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from identity_service.adapters.memory.endings_carrier import MemoryChannel, MemoryEndingsCarrier
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow, hashed
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.follower import FeedFollower
from identity_service.application.liveness.lease import Lease
from identity_service.ports.repositories.endings import FeedRead
from identity_service.ports.unit_of_work import StorageUnavailable
from tests.clock import Clock


class ScriptedFeed:
    """Gives what the test put in, one read each."""

    def __init__(self) -> None:
        self.next: list[FeedRead | Exception] = []
        self.cursors: list[str | None] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def read(self, cursor: str | None) -> FeedRead:
        self.cursors.append(cursor)
        self.meanwhile()
        given = self.next.pop(0) if self.next else FeedRead(tags=(), cursor="c", origin="A")
        if isinstance(given, Exception):
            raise given
        return given

    async def close(self) -> None:
        self.next.clear()


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.window = EndedWindow(most_tags=100)
        self.tokens = EndedTokens(most=100)
        self.endings = Endings(
            window=self.window, tokens=self.tokens, carrier=MemoryEndingsCarrier(MemoryChannel())
        )
        self.lease = Lease(self.clock)
        self.feed = ScriptedFeed()
        self.follower = FeedFollower(
            feed=self.feed, endings=self.endings, lease=self.lease, clock=self.clock, interval_seconds=0.2
        )

    def gives(self, *tags: str, cursor: str = "c", origin: str = "A") -> None:
        self.feed.next.append(FeedRead(tags=tags, cursor=cursor, origin=origin))

    async def begun(self) -> "Scene":
        await self.follower.follow()
        self.endings.keys_changed.clear()
        return self


async def test_the_first_read_asks_for_a_cursor_and_voids_what_was_looked_up_before() -> None:
    scene = Scene()
    mark = scene.window.mark()
    await scene.follower.follow()

    assert scene.feed.cursors == [None]
    assert scene.window.ended_since(mark, hashed(["user:1"]))
    assert scene.lease.held


async def test_what_a_read_brings_is_applied_and_the_next_goes_on_from_its_cursor() -> None:
    scene = await Scene().begun()
    mark = scene.window.mark()
    scene.gives("user:1", cursor="d")
    await scene.follower.follow()
    await scene.follower.follow()

    assert scene.window.ended_since(mark, hashed(["user:1"]))
    assert not scene.window.ended_since(mark, hashed(["user:2"]))
    assert scene.feed.cursors == [None, "c", "d"]


async def test_the_lease_counts_from_before_the_read_was_sent() -> None:
    scene = await Scene().begun()

    def take_time() -> None:
        scene.clock.now += 0.35

    scene.feed.meanwhile = take_time
    await scene.follower.follow()

    assert scene.lease.age == pytest.approx(0.35)


async def test_the_lease_is_extended_only_after_the_read_was_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = await Scene().begun()
    scene.clock.now += 5
    held: list[bool] = []
    monkeypatch.setattr(scene.endings, "arrived", lambda tags: held.append(scene.lease.held))
    await scene.follower.follow()

    assert held == [False]
    assert scene.lease.held


@pytest.mark.parametrize("failure", [StorageUnavailable("gone"), RuntimeError("a defect")])
async def test_a_failed_read_counts_for_nothing_and_is_repeated_from_the_same_cursor(
    failure: Exception,
) -> None:
    scene = await Scene().begun()
    scene.clock.now += 5
    scene.feed.next.append(failure)

    assert not await scene.follower.follow()
    assert not scene.lease.held
    assert await scene.follower.follow()
    assert scene.feed.cursors[-2:] == ["c", "c"]
    assert scene.lease.held


async def test_another_database_server_or_timeline_voids_everything_and_reads_the_keys_again() -> None:
    scene = await Scene().begun()
    mark = scene.window.mark()
    scene.gives(origin="B")
    await scene.follower.follow()

    assert scene.window.ended_since(mark, hashed(["user:1"]))
    assert scene.endings.keys_changed.is_set()


async def test_the_same_server_voids_nothing() -> None:
    scene = await Scene().begun()
    mark = scene.window.mark()
    await scene.follower.follow()

    assert not scene.window.ended_since(mark, hashed(["user:1"]))


@pytest.mark.parametrize(("gap", "void"), [(60.0, False), (60.5, True)])
async def test_after_a_long_gap_rows_may_have_been_purged_so_everything_is_void(
    gap: float, void: bool
) -> None:
    scene = await Scene().begun()
    mark = scene.window.mark()
    scene.clock.now += gap
    await scene.follower.follow()

    assert scene.window.ended_since(mark, hashed(["user:1"])) is void


async def test_the_tag_keys_asks_for_the_keys_to_be_read_again() -> None:
    scene = await Scene().begun()
    await scene.follower.follow()
    assert not scene.endings.keys_changed.is_set()
    scene.gives("keys")
    await scene.follower.follow()

    assert scene.endings.keys_changed.is_set()


async def test_a_change_of_state_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    scene = await Scene().begun()
    scene.feed.next += [StorageUnavailable("gone")] * 3
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            await scene.follower.follow()

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_it_reads_every_interval_and_more_rarely_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene()
    scene.feed.next += [
        FeedRead(tags=(), cursor="c", origin="A"),
        *[StorageUnavailable("gone")] * 5,
        FeedRead(tags=(), cursor="c", origin="A"),
    ]
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 3))
        if len(pauses) == 7:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await scene.follower.run()

    assert pauses == [0.2, 0.2, 0.4, 0.8, 1.0, 1.0, 0.2]
