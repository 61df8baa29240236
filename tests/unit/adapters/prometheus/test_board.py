"""What processes that serve together tell each other: no count goes backwards, whoever ends and however."""

import os
from pathlib import Path

import pytest

from identity_service.adapters.prometheus.board import ENDED, FRESH_SECONDS, Board
from identity_service.adapters.prometheus.families import Family, counter, gauge
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def counted(answers: float, busy: float) -> list[Family]:
    families = [counter("answers_total", "Answers."), gauge("busy", "Busy.")]
    for family, value in zip(families, (answers, busy), strict=True):
        family.add(value)
    return families


def whole(board: Board) -> dict[str, float]:
    return {name: value for family in board.total() for name, value in family.samples.items()}


def test_the_whole_is_what_all_have_written_last(tmp_path: Path, clock: Clock) -> None:
    first, second = Board(tmp_path, clock=clock), Board(tmp_path, clock=clock)
    first.publish(counted(1, 1))
    first.publish(counted(3, 2))
    second.publish(counted(10, 5))
    assert whole(first) == whole(second) == {"answers_total": 13, "busy": 7}


def test_of_a_process_that_writes_no_more_the_counts_stay_and_the_rest_goes(
    tmp_path: Path, clock: Clock
) -> None:
    silent, other = Board(tmp_path, clock=clock), Board(tmp_path, clock=clock)
    silent.publish(counted(3, 2))
    clock.now += FRESH_SECONDS
    other.publish(counted(10, 5))
    assert whole(other) == {"answers_total": 13, "busy": 5}
    silent.publish(counted(4, 2))
    assert whole(other) == {"answers_total": 14, "busy": 7}


def test_the_counts_of_ended_processes_are_kept_in_one_file(tmp_path: Path, clock: Clock) -> None:
    for answers in (3, 4):
        Board(tmp_path, clock=clock).publish(counted(answers, 2))
    parent = Board(tmp_path, clock=clock)
    parent.ended(os.getpid())
    assert whole(parent) == {"answers_total": 7}
    assert [path.name for path in tmp_path.iterdir()] == [f"{ENDED}.json"]
    parent.ended(os.getpid())
    assert whole(parent) == {"answers_total": 7}


def test_a_file_that_was_taken_over_but_is_still_there_counts_once(tmp_path: Path, clock: Clock) -> None:
    ended, parent = Board(tmp_path, clock=clock), Board(tmp_path, clock=clock)
    ended.publish(counted(3, 2))
    parent.ended(os.getpid())
    ended.publish(counted(3, 2))
    assert whole(parent) == {"answers_total": 3}


def test_somebody_elses_file_is_left_when_a_process_ends(tmp_path: Path, clock: Clock) -> None:
    board = Board(tmp_path, clock=clock)
    board.publish(counted(3, 2))
    board.ended(os.getpid() + 1)
    assert whole(board) == {"answers_total": 3, "busy": 2}


def test_a_board_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Board(tmp_path / "gone").publish(counted(1, 1))
