"""Remembered answers: given only while nothing they depend on has ended and the lease runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.ended_window import EndedWindow, hashed
from identity_service.application.liveness.lease import Lease
from tests.clock import Clock

TAGS = ("server", "user:1")


@dataclass
class Scene:
    """A cache whose lease has just begun, with one answer in it."""

    most: int = 3
    tolerance: float = 0
    clock: Clock = field(default_factory=Clock)
    window: EndedWindow = field(default_factory=lambda: EndedWindow(most_tags=100))

    def __post_init__(self) -> None:
        self.lease = Lease(self.clock, tolerance_seconds=self.tolerance)
        self.lease.extend(self.clock())
        self.answers: Answers[str] = Answers(window=self.window, lease=self.lease, most=self.most)
        self.put(b"key")

    def put(self, key: bytes, *, mark: int | None = None) -> None:
        mark = self.answers.mark() if mark is None else mark
        self.answers.put(key, "alive", tags=TAGS, mark=mark, expires=self.clock() + 100)

    def get(self, key: bytes = b"key") -> str | None:
        return self.answers.get(key, now=self.clock())

    def get_while_away(self, key: bytes = b"key") -> str | None:
        return self.answers.get_while_away(key, now=self.clock())

    def see_the_feed(self) -> None:
        self.lease.extend(self.clock())


def test_an_answer_is_given_while_nothing_speaks_against_it() -> None:
    assert Scene().get() == "alive"


def test_an_answer_is_not_given_after_one_of_its_tags_ended() -> None:
    scene = Scene()
    scene.window.apply(["user:1"])

    assert scene.get() is None
    assert len(scene.answers) == 0


def test_the_ending_of_something_else_leaves_it() -> None:
    scene = Scene()
    scene.window.apply(["user:2"])

    assert scene.get() == "alive"


def test_an_answer_whose_lookup_began_before_the_ending_is_never_given() -> None:
    scene = Scene()
    mark = scene.answers.mark()
    scene.window.apply(["user:1"])
    scene.put(b"slow", mark=mark)

    assert scene.get(b"slow") is None


def test_an_answer_looked_up_after_the_ending_is_given() -> None:
    scene = Scene()
    scene.window.apply(["user:1"])
    scene.put(b"fresh")

    assert scene.get(b"fresh") == "alive"


def test_an_answer_is_not_given_once_the_lease_has_run_out_and_again_when_the_feed_was_seen() -> None:
    scene = Scene()
    scene.clock.now += 1

    assert scene.get() is None
    scene.see_the_feed()
    assert scene.get() == "alive"


def test_the_lease_is_checked_last_after_any_pause() -> None:
    """A process that is stopped between its look into the window and the answer gives none."""
    scene = Scene()
    ended_since = scene.window.ended_since

    class Stopped(EndedWindow):
        def ended_since(self, mark: int, tags: Sequence[int]) -> bool:
            scene.clock.now += 3600
            return ended_since(mark, hashed(TAGS))

    scene.answers._window = Stopped(most_tags=100)

    assert scene.get() is None


def test_a_restarted_window_voids_every_answer() -> None:
    scene = Scene()
    scene.window.restart()

    assert scene.get() is None


def test_use_keeps_an_answer_usable_in_a_window_that_forgets() -> None:
    scene = Scene()
    scene.put(b"unused")
    for number in range(1000):
        scene.window.apply([f"jti:{number}"])
        assert scene.get() == "alive"

    assert scene.get(b"unused") is None


def test_an_answer_ends_at_its_first_void_moment() -> None:
    scene = Scene()
    scene.clock.now += 99.5
    scene.see_the_feed()
    assert scene.get() == "alive"
    scene.clock.now += 0.5
    scene.see_the_feed()

    assert scene.get() is None


def test_the_least_recently_used_makes_room() -> None:
    scene = Scene()
    scene.put(b"2")
    scene.put(b"3")
    scene.get(b"key")
    scene.put(b"4")

    assert (scene.get(b"key"), scene.get(b"2"), scene.get(b"3"), scene.get(b"4")) == (
        "alive",
        None,
        "alive",
        "alive",
    )


def test_a_cache_of_none_remembers_nothing() -> None:
    assert Scene(most=0).get() is None


def test_a_discarded_answer_is_gone() -> None:
    scene = Scene()
    scene.answers.discard(b"key")

    assert scene.get() is None


def test_without_a_database_nothing_is_given_after_the_lease() -> None:
    scene = Scene()
    scene.clock.now += 1

    assert scene.get_while_away() is None


def test_where_the_operator_tolerates_it_an_answer_outlives_the_lease() -> None:
    scene = Scene(tolerance=30)
    scene.clock.now += 30.5

    assert scene.get() is None
    assert scene.get_while_away() == "alive"


def test_what_is_known_to_have_ended_is_not_tolerated() -> None:
    scene = Scene(tolerance=30)
    scene.clock.now += 30.5
    scene.window.apply(["user:1"])

    assert scene.get_while_away() is None


def test_the_tolerance_ends() -> None:
    scene = Scene(tolerance=30)
    scene.clock.now += 31

    assert scene.get_while_away() is None


def test_what_was_given_and_what_could_not_be_given_is_counted() -> None:
    scene = Scene()
    scene.get()
    scene.get()
    scene.get(b"another key")
    scene.window.apply(["user:1"])
    scene.get()
    scene.get_while_away()

    assert (scene.answers.hits, scene.answers.misses) == (2, 2)


def test_an_answer_that_may_not_be_given_without_a_lease_is_a_miss() -> None:
    scene = Scene()
    scene.clock.now += 2

    assert scene.get() is None
    assert (scene.answers.hits, scene.answers.misses) == (0, 1)
