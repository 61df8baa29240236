"""The arithmetic of the benchmarks: medians, ratios, verdicts, the schedule of a mix. No load is run."""

import pytest

from benchmarks.bench import Findings
from benchmarks.load.mix import MixPlan, schedule
from benchmarks.profiling import shares
from benchmarks.rows import Absent, Goals, beside, cores, growth_of_the_dearest, worst_of_what_is_not_good
from benchmarks.series import Series, Turn, cores_needed, percentile, ratio
from benchmarks.wire import read_answer, whole


def series(name: str, *cpu: float, backend: float = 0.0) -> Series:
    return Series(name, [Turn(cpu=one, backend=backend, rate=1, p50=1, p99=2, others=0) for one in cpu])


def test_a_ratio_is_taken_round_by_round_so_that_a_drift_of_the_machine_cancels_out() -> None:
    assert ratio([2, 20, 4], [1, 10, 2]) == 2


def test_a_ratio_of_different_numbers_of_rounds_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1, 2], [1])


@pytest.mark.parametrize(("share", "value"), [(0.5, 51), (0.99, 100), (1.0, 100), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_seen(share: float, value: float) -> None:
    assert percentile(list(range(1, 101)), share) == value


@pytest.mark.parametrize(
    ("value", "at_most", "verdict"),
    [
        (0.7, False, "stretch"),
        (0.6, False, "stretch"),
        (0.4, False, "goal"),
        (0.15, False, "floor"),
        (0.149, False, "below the floor"),
        (0.149, True, "floor"),
        (0.151, True, "below the floor"),
    ],
)
def test_the_verdict_is_the_highest_level_that_is_met(value: float, at_most: bool, verdict: str) -> None:
    goals = Goals(floor=0.15, at_most=True) if at_most else Goals(floor=0.15, goal=0.3, stretch=0.6)
    assert goals.verdict(value) == verdict


def test_beside_a_peer_the_figure_is_how_often_theirs_costs_ours() -> None:
    found = Findings(series={"cached": series("cached", 20, 25), "peer": series("peer", 200, 300)})
    value = beside("cached", "peer")(found)
    assert (value.value, value.ours, value.theirs) == (11, "22.5 µs", "250 µs")


def test_a_peer_that_was_not_there_gives_no_figure() -> None:
    with pytest.raises(Absent, match="peer"):
        beside("cached", "peer")(Findings(series={"cached": series("cached", 20)}))


def test_of_what_is_not_good_the_dearest_kind_counts() -> None:
    kinds = {"cached": 40, "garbage": 20, "expired": 50, "revoked": 40}
    found = Findings(series={name: series(name, cpu) for name, cpu in kinds.items()})
    assert worst_of_what_is_not_good(found).value == 0.8


def test_the_founding_load_takes_as_many_cores_as_its_operations_cost() -> None:
    assert cores_needed(60, 1_000_000 / 60) == pytest.approx(1.0)
    figures = {"cpu, with": 120.0, "backend cpu, with": 30.0, "rate": 5000.0}
    assert cores("with", "rate")(Findings(figures=figures)).value == pytest.approx(2.0)


def test_growth_counts_the_operation_that_grows_most_with_its_part_in_the_database() -> None:
    points = {
        "refresh, cpu": [(1e4, 100.0), (1e6, 100.0)],
        "refresh, backend": [(1e4, 100.0), (1e6, 150.0)],
        "missed, cpu": [(1e4, 50.0), (1e6, 50.0)],
        "missed, backend": [(1e4, 50.0), (1e6, 50.0)],
    }
    assert growth_of_the_dearest(Findings(points=points)).value == 1.25


def test_a_mix_has_exactly_its_shares_in_the_same_order_each_time() -> None:
    plan = MixPlan(
        port=1,
        rate=1000,
        seconds=2,
        shares={"introspect": 0.99, "refresh": 0.009, "login": 0.001},
        authorization="",
        introspect_path="",
        token_path="",
        access_tokens=(),
        refresh_tokens=(),
        login="",
    )
    kinds = schedule(plan)
    assert {kind: kinds.count(kind) for kind in plan.shares} == {
        "introspect": 1980,
        "refresh": 18,
        "login": 2,
    }
    assert kinds == schedule(plan)
    assert kinds != sorted(kinds)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", b"hi"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\nyou\r\n0\r\n\r\n", b"hiyou"),
    ],
    ids=["of a length", "chunked"],
)
def test_an_answer_is_whole_with_its_last_byte_and_not_before(answer: bytes, body: bytes) -> None:
    assert whole(answer) == len(answer)
    assert [whole(answer[:end]) for end in range(len(answer))] == [0] * len(answer)
    assert read_answer(answer) == (200, body, len(answer))


def test_a_sample_counts_for_the_innermost_layer_of_its_stack() -> None:
    route = "call (identity_service/api/routes/token.py:4)"
    raw = f"run (uvicorn/server.py:1);{route} 3\n{route};sign (cryptography/rsa.py:9) 1\n"
    layers, functions = shares(raw)
    assert layers == {"identity_service/api/routes": 0.75, "cryptography": 0.25}
    assert functions[route] == 0.75
