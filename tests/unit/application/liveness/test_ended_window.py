"""The ended window: what ended since a mark."""

from hypothesis import given, settings
from hypothesis import strategies as st

from identity_service.application.liveness.ended_window import EndedWindow, hashed


def test_nothing_ended_since_a_mark_taken_now() -> None:
    window = EndedWindow(most_tags=10)
    window.apply(["user:1"])

    assert not window.ended_since(window.mark(), hashed(["user:1"]))


def test_what_ended_after_the_mark_ended_since() -> None:
    window = EndedWindow(most_tags=10)
    mark = window.mark()
    window.apply(["user:1"])

    assert window.ended_since(mark, hashed(["client:1", "user:1"]))
    assert not window.ended_since(mark, hashed(["client:1", "user:2"]))


def test_the_same_ending_heard_again_counts_again() -> None:
    window = EndedWindow(most_tags=10)
    window.apply(["user:1"])
    mark = window.mark()
    window.apply(["user:1"])

    assert window.ended_since(mark, hashed(["user:1"]))


def test_applying_nothing_changes_nothing() -> None:
    window = EndedWindow(most_tags=10)
    mark = window.mark()
    window.apply([])

    assert window.mark() == mark


def test_a_restart_voids_every_mark_taken_before_and_none_after() -> None:
    window = EndedWindow(most_tags=10)
    mark = window.mark()
    window.restart()

    assert window.ended_since(mark, hashed(["user:1"]))
    assert not window.ended_since(window.mark(), hashed(["user:1"]))


def test_a_full_window_voids_marks_older_than_what_it_remembers() -> None:
    window = EndedWindow(most_tags=4)
    mark = window.mark()
    for number in range(20):
        window.apply([f"jti:{number}"])

    assert window.ended_since(mark, hashed(["user:1"]))


def test_a_full_window_keeps_young_marks_usable() -> None:
    window = EndedWindow(most_tags=4)
    for number in range(20):
        window.apply([f"jti:{number}"])
    mark = window.mark()
    window.apply(["jti:20"])

    assert not window.ended_since(mark, hashed(["user:1"]))


@settings(deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 40), max_size=8), max_size=60), most=st.integers(2, 20))
def test_it_stays_within_its_bound_and_never_forgets_an_ending_a_usable_mark_needs(
    batches: list[list[int]], most: int
) -> None:
    window = EndedWindow(most_tags=most)
    marks: list[tuple[int, set[int]]] = []
    for batch in batches:
        marks.append((window.mark(), set()))
        window.apply([f"jti:{number}" for number in batch])
        for _, ended in marks:
            ended.update(batch)
        assert len(window) <= most + 2 * 8
        for mark, ended in marks:
            assert all(window.ended_since(mark, hashed([f"jti:{number}"])) for number in ended)
