"""The script that measures the time of refusals: its figures on samples that are known, and its questions."""

import random

import pytest

from scripts import timing

SAME = [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("known", "unknown", "rank"),
    [
        (SAME, SAME, 0.0),
        ([5.0, 6.0, 7.0], [1.0, 2.0, 3.0], 1.0),
        ([1.0, 2.0, 3.0], [5.0, 6.0, 7.0], -1.0),
        ([1.0, 3.0], [2.0, 4.0], -0.5),
        ([1.0, 1.0], [1.0, 1.0], 0.0),
    ],
    ids=["alike", "always slower", "always quicker", "quicker in three pairs of four", "all equal"],
)
def test_the_rank_biserial_correlation(known: list[float], unknown: list[float], rank: float) -> None:
    assert timing.rank_biserial(known, unknown) == pytest.approx(rank)


def test_an_effect_is_told_in_milliseconds_beside_its_noise() -> None:
    found = timing.effect([0.002, 0.003, 0.004], [0.001, 0.002, 0.003])
    assert (found.pairs, found.known, found.unknown) == (3, pytest.approx(3.0), pytest.approx(2.0))
    assert found.cohens_d == pytest.approx(1.0)
    assert found.rank_noise == pytest.approx(1.959964 * (7 / 27) ** 0.5)


def test_samples_without_any_difference_have_none() -> None:
    assert timing.effect([1.0, 1.0], [1.0, 1.0]).cohens_d == 0.0


class Clock:
    """Moves when somebody is asked about."""

    def __init__(self, seconds: dict[bool, float]) -> None:
        self.now = 0.0
        self.seconds = seconds
        self.asked: list[str] = []

    def __call__(self) -> float:
        return self.now

    def ask(self, name: str) -> int:
        self.asked.append(name)
        self.now += self.seconds[name == "alice-1"]
        return 400


def sampled(clock: Clock, *, expected: int = 400) -> timing.Effect:
    return timing.sampled(
        clock.ask, "alice-1", pairs=30, expected=expected, chance=random.Random(7), clock=clock
    )


def test_a_name_that_takes_longer_shows() -> None:
    assert sampled(Clock({True: 0.002, False: 0.001})).rank == 1.0


def test_names_that_take_the_same_show_nothing() -> None:
    found = sampled(Clock({True: 0.0078125, False: 0.0078125}))
    assert (found.rank, found.cohens_d) == (0.0, 0.0)


def test_known_and_unknown_names_come_in_pairs_in_either_order_and_look_alike() -> None:
    clock = Clock({True: 1.0, False: 1.0})
    sampled(clock)
    pairs = list(zip(clock.asked[::2], clock.asked[1::2], strict=True))

    assert len(pairs) == 30 + timing.WARM_UP
    assert all((first == "alice-1") != (second == "alice-1") for first, second in pairs)
    assert {first == "alice-1" for first, _ in pairs} == {True, False}
    assert all(len(name) == len("alice-1") and name[5] == "-" for name in clock.asked)


def test_another_answer_than_the_refusal_ends_it() -> None:
    with pytest.raises(RuntimeError, match="answered 400, not 429"):
        sampled(Clock({True: 1.0, False: 1.0}), expected=429)


def test_the_table_has_a_line_for_each_question() -> None:
    effects = {"a client": timing.effect(SAME, SAME), "a person": timing.effect([1.0, 2.0], [2.0, 3.0])}
    lines = timing.told(effects).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert [line.split("|")[1].strip() for line in lines[2:]] == list(effects)


def test_a_server_that_is_not_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert timing.main(["--url", "http://127.0.0.1:9", "--client", "c"]) == 1
    assert capsys.readouterr().err.startswith("scripts/timing.py: ")
