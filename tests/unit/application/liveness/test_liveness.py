"""The background of liveness: it starts without waiting, reads changed keys again, and ends."""

import asyncio

import pytest

from identity_service.adapters.memory.endings_carrier import MemoryChannel, MemoryEndingsCarrier
from identity_service.application.liveness import liveness as module
from identity_service.application.liveness.ended_tokens import EndedTokens
from identity_service.application.liveness.ended_window import EndedWindow, hashed
from identity_service.application.liveness.endings import Endings
from identity_service.application.liveness.follower import FeedFollower
from identity_service.application.liveness.keys_in_use import KeysInUse
from identity_service.application.liveness.lease import Lease
from identity_service.application.liveness.liveness import Liveness, LivenessState
from identity_service.application.liveness.read_ended_tokens import ReadEndedTokens
from identity_service.ports.repositories.endings import FeedRead
from identity_service.ports.unit_of_work import StorageUnavailable, UnitOfWork
from tests.clock import Clock


class HangingFeed:
    """Never answers."""

    closed = False

    async def read(self, cursor: str | None) -> FeedRead:
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        self.closed = True


class Scene:
    def __init__(self) -> None:
        self.clock, self.feed, self.channel = Clock(), HangingFeed(), MemoryChannel()
        self.window, self.lease = EndedWindow(most_tags=100), Lease(self.clock)
        self.carrier = MemoryEndingsCarrier(self.channel)
        self.tokens = EndedTokens(most=100)
        self.endings = Endings(window=self.window, tokens=self.tokens, carrier=self.carrier)
        self.loads: list[Exception | None] = []
        self.differ = True
        self.loaded = asyncio.Event()
        self.liveness = Liveness(
            follower=FeedFollower(
                feed=self.feed,
                endings=self.endings,
                lease=self.lease,
                clock=self.clock,
                interval_seconds=0.2,
            ),
            feed=self.feed,
            carrier=self.carrier,
            endings=self.endings,
            lease=self.lease,
            keys=KeysInUse(endings=self.endings, lease=self.lease, load_keys=self.load),
            ended_tokens=ReadEndedTokens(read=self.read, tokens=self.tokens, endings=self.endings),
        )

    def read(self) -> UnitOfWork:
        raise AssertionError("the feed never answers, so that nothing is to be read yet")

    async def load(self) -> bool:
        if self.loads and (failure := self.loads.pop(0)):
            raise failure
        self.loaded.set()
        return self.differ


async def test_it_starts_although_the_database_hangs_and_ends_cleanly() -> None:
    scene = Scene()
    await scene.liveness.start()
    assert scene.liveness.state == LivenessState(
        asked=False, feed_age=None, in_sight=False, carrier="connected"
    )
    await scene.liveness.close()

    assert scene.feed.closed
    assert scene.liveness.state.carrier == "away"


async def test_changed_keys_are_read_and_then_void_what_the_old_ones_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    scene = Scene()
    scene.loads.append(StorageUnavailable("away"))
    await scene.liveness.start()
    scene.endings.arrived(["keys"])
    mark = scene.window.mark()
    async with asyncio.timeout(5):
        await scene.loaded.wait()
    await scene.liveness.close()

    assert scene.window.ended_since(mark, hashed(["keys"]))


async def test_what_keeps_keys_from_being_read_is_said_once_until_it_changes_and_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.0)
    caplog.set_level("INFO", module.log.name)
    scene = Scene()
    scene.loads += [
        StorageUnavailable(reason) for reason in ("away", "away", "no such table", "no such table")
    ]
    await scene.liveness.start()
    scene.endings.arrived(["keys"])
    async with asyncio.timeout(5):
        await scene.loaded.wait()
    await scene.liveness.close()

    assert caplog.messages == [
        "the signing keys cannot be read: away",
        "the signing keys cannot be read: no such table",
        "the signing keys are read again",
    ]


@pytest.mark.parametrize("differ", [True, False])
async def test_keys_are_read_again_without_any_news_and_void_something_only_when_they_differ(
    monkeypatch: pytest.MonkeyPatch, differ: bool
) -> None:
    monkeypatch.setattr(module, "READ_AGAIN_SECONDS", 0.01)
    scene = Scene()
    scene.differ = differ
    mark = scene.window.mark()
    await scene.liveness.start()
    async with asyncio.timeout(5):
        await scene.loaded.wait()
    await scene.liveness.close()

    assert scene.window.ended_since(mark, hashed(["keys"])) is differ


async def test_who_waits_for_one_reading_shares_its_failure_and_the_next_one_reads_anew() -> None:
    """The first to come may have begun too early for the others; of those one reads for all."""
    scene, loads = Scene(), 0
    turn = asyncio.Event()

    async def load() -> bool:
        nonlocal loads
        loads += 1
        await turn.wait()
        raise StorageUnavailable("locked")

    keys = KeysInUse(endings=scene.endings, lease=scene.lease, load_keys=load)
    reading = [asyncio.create_task(keys.read()) for _ in range(5)]
    await asyncio.sleep(0)
    turn.set()
    answers = await asyncio.gather(*reading, return_exceptions=True)
    assert [str(answer) for answer in answers] == ["locked"] * 5
    assert loads == 2

    with pytest.raises(StorageUnavailable):
        await keys.read()
    assert loads == 3


async def test_what_was_committed_here_is_applied_here_and_sent_to_the_others() -> None:
    scene, heard = Scene(), []
    other = MemoryEndingsCarrier(scene.channel)
    await other.start(heard.extend)
    await scene.liveness.start()
    mark = scene.window.mark()
    scene.endings(["user:1"])
    scene.endings([])

    assert scene.window.ended_since(mark, hashed(["user:1"]))
    assert heard == ["user:1"]
    await scene.liveness.close()


async def test_what_another_process_sent_is_applied_and_not_sent_again() -> None:
    scene, heard = Scene(), []
    other = MemoryEndingsCarrier(scene.channel)
    await other.start(heard.extend)
    await scene.liveness.start()
    mark = scene.window.mark()
    other.publish(["user:1"])

    assert scene.window.ended_since(mark, hashed(["user:1"]))
    assert heard == []
    await scene.liveness.close()
