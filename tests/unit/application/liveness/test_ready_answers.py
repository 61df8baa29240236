"""Packed answers: given under the rules of every remembered answer, and bounded in memory."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from identity_service.application.liveness.ended_window import EndedWindow
from identity_service.application.liveness.lease import Lease
from identity_service.application.liveness.ready_answers import ReadyAnswers
from tests.clock import Clock

TAGS = ("server", "keys", "client:1", "user:1", "family:1", "jti:1")
BODY = b'{"active":true}'


@dataclass
class Scene:
    """A cache whose lease has just begun, with one answer in it."""

    most: int = 3
    most_bytes: int = 10_000
    tolerance: float = 0
    clock: Clock = field(default_factory=Clock)
    window: EndedWindow = field(default_factory=lambda: EndedWindow(most_tags=100))

    def __post_init__(self) -> None:
        self.lease = Lease(self.clock, tolerance_seconds=self.tolerance)
        self.lease.extend(self.clock())
        self.answers = ReadyAnswers(
            window=self.window,
            lease=self.lease,
            clock=self.clock,
            most=self.most,
            most_bytes=self.most_bytes,
        )
        self.put(b"key")

    def put(self, key: bytes, *, body: bytes = BODY, mark: int | None = None) -> None:
        mark = self.answers.mark() if mark is None else mark
        self.answers.put(key, body, tags=TAGS, mark=mark, expires=self.clock() + 100)

    def get(self, key: bytes = b"key") -> bytes | None:
        return self.answers.get(key)


def test_an_answer_is_given_while_nothing_speaks_against_it() -> None:
    scene = Scene()
    scene.window.apply(["user:2"])

    assert [scene.get() for _ in range(3)] == [BODY] * 3
    assert scene.get(b"another") is None


def test_attack_13_every_tag_ends_an_answer() -> None:
    for tag in TAGS:
        scene = Scene()
        scene.window.apply([tag])
        assert scene.get() is None, tag
        assert len(scene.answers) == 0


def test_an_answer_whose_lookup_began_before_the_ending_is_never_given() -> None:
    scene = Scene()
    mark = scene.answers.mark()
    scene.window.apply(["user:1"])
    scene.put(b"slow", mark=mark)
    scene.put(b"fresh")

    assert (scene.get(b"slow"), scene.get(b"fresh")) == (None, BODY)


def test_use_keeps_an_answer_usable_in_a_window_that_forgets() -> None:
    scene = Scene()
    scene.put(b"unused")
    for number in range(1000):
        scene.window.apply([f"jti:other-{number}"])
        assert scene.get() == BODY

    assert scene.get(b"unused") is None


def test_the_lease_is_checked_last_after_any_pause() -> None:
    scene = Scene()
    scene.window.apply(["user:2"])
    ended_since = scene.window.ended_since

    def stopped(mark: int, tags: Sequence[int]) -> bool:
        scene.clock.now += 3600
        return ended_since(mark, tags)

    scene.window.ended_since = stopped  # type: ignore[method-assign]  # a process that stands still meanwhile

    assert scene.get() is None


def test_without_a_lease_nothing_is_given_unless_the_operator_tolerates_it() -> None:
    scene = Scene(tolerance=30)
    scene.clock.now += 30.5

    assert scene.get() is None
    assert scene.answers.get_while_away(b"key") == BODY
    scene.clock.now += 1
    assert scene.answers.get_while_away(b"key") is None


def test_an_answer_ends_at_its_first_void_moment() -> None:
    scene = Scene()
    for later, body in ((99.5, BODY), (0.5, None)):
        scene.clock.now += later
        scene.lease.extend(scene.clock())
        assert scene.get() == body


def test_the_one_remembered_longest_makes_room() -> None:
    scene = Scene()
    for key in (b"2", b"3", b"4"):
        scene.put(key)

    assert [scene.get(key) for key in (b"key", b"2", b"3", b"4")] == [None, BODY, BODY, BODY]


def test_the_bytes_are_bounded_whatever_the_entries() -> None:
    scene = Scene(most=1000, most_bytes=5000)
    for number in range(100):
        scene.put(b"%d" % number, body=b"x" * 900)

    assert 3 <= len(scene.answers) <= 5
    assert scene.answers.bytes <= 5000
    scene.put(b"huge", body=b"x" * 6000)
    assert (len(scene.answers), scene.answers.bytes) == (0, 0)


def test_a_cache_of_none_remembers_nothing() -> None:
    assert Scene(most=0).get() is None


def test_forgetting_and_remembering_again_leaks_nothing() -> None:
    scene = Scene()
    for _ in range(100):
        scene.put(b"key")
        scene.answers.discard(b"key")

    assert (len(scene.answers), scene.answers.bytes) == (0, 0)
    assert len(scene.answers._order) <= 3


def test_the_memory_of_an_entry_is_what_is_counted_and_small() -> None:
    """An answer of 330 bytes: 0.8 KB is the most that it may take."""
    scene = Scene(most=100_000, most_bytes=10**9)
    tracemalloc.start()
    for number in range(5000):
        scene.put(number.to_bytes(24, "big"), body=b"%330d" % number)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken / 5000 < 700
    assert 0.8 < scene.answers.bytes / taken < 1.3


@pytest.mark.all
def test_a_million_tokens_stay_within_the_bound() -> None:
    """What is counted is what is taken: see above."""
    scene = Scene(most=10**7, most_bytes=32_000_000)
    for number in range(1_000_000):
        scene.put(number.to_bytes(24, "big"), body=b"%330d" % number)
        assert scene.answers.bytes <= 32_000_000

    assert 32_000_000 / 800 < len(scene.answers) == len(scene.answers._order)


def test_what_was_given_and_what_could_not_be_given_is_counted() -> None:
    scene = Scene()
    scene.get()
    scene.get(b"another")
    scene.clock.now += 2
    scene.get()

    assert (scene.answers.hits, scene.answers.misses) == (1, 2)
