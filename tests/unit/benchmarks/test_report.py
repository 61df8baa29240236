"""What the benchmarks write: Markdown between markers, JSON that is read back, charts that are well-formed."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.bench import Findings
from benchmarks.options import options
from benchmarks.report import document
from benchmarks.report.chart import Bar, Panel, Scale, chart, told
from benchmarks.report.curves import curves
from benchmarks.report.panels import panels
from benchmarks.report.results import Study, computed, read, to_json
from benchmarks.report.text import between, plain, rows_table
from benchmarks.rows import Goals, Row, beside
from benchmarks.series import Series, Turn
from benchmarks.studies import STUDIES
from benchmarks.table import ROWS

ROW = Row(
    key="row",
    title="ours / nginx",
    study="introspection",
    compute=beside("cached", "nginx"),
    goals=Goals(floor=0.15, goal=0.3),
)

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314 - the text is our own


def studies(**cpu: float) -> dict[str, Study]:
    series = {
        name: Series(name, [Turn(cpu=one, backend=0, rate=9, p50=1, p99=2, others=0.1)])
        for name, one in cpu.items()
    }
    found = Findings(
        series=series, figures={"a": 1.5}, labels={"nginx": "nginx 1"}, points={"x, cpu": [(1, 2)]}
    )
    return {"introspection": Study(date="2026-01-01", command="command", method="method", findings=found)}


def test_a_row_is_told_with_its_figure_its_levels_and_what_it_met() -> None:
    line = rows_table(computed((ROW,), studies(cached=50, nginx=10))).splitlines()[-1]
    assert line == "| ours / nginx | 50.0 µs | 10.0 µs | **0.200** | ≥ 0.15 · ≥ 0.3 | floor |"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (studies(cached=50), "not there: nginx"),
        ({"introspection": Study(date="", command="", method="", void="wrong answer")}, "wrong answer"),
        ({}, "not asked for"),
    ],
    ids=["without the peer", "void", "not run"],
)
def test_a_row_that_was_not_measured_says_why_and_claims_nothing(given: dict[str, Study], why: str) -> None:
    (row,) = computed((ROW,), given)
    assert (row.value, row.verdict, row.why) == (None, "not measured", why)


def test_what_was_not_asked_for_is_not_printed() -> None:
    assert plain(computed((ROW,), {})) == ""


def test_results_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    written = studies(cached=50, nginx=10)
    (tmp_path / "figures.json").write_text(to_json(written, computed((ROW,), written)))
    assert read(tmp_path / "figures.json") == written
    assert read(tmp_path / "no.json") == {}


def test_new_text_stands_between_its_markers_and_what_people_wrote_stays() -> None:
    text = "before\n<!-- rows: begin -->\nold\n<!-- rows: end -->\nafter\n"
    once = between(text, "rows", r"new \1")
    assert once == "before\n<!-- rows: begin -->\n\nnew \\1\n\n<!-- rows: end -->\nafter\n"
    assert between(once, "rows", r"new \1") == once
    with pytest.raises(ValueError, match="markers for other"):
        between(text, "other", "new")


def test_the_page_says_when_it_was_measured_and_how_much_others_disturbed_it() -> None:
    told_of = document.about(studies(cached=50, nginx=10))
    assert told_of.startswith("2026-01-01, on a machine of ")
    assert "other programs used 0.1 CPUs" in told_of


def test_the_page_has_every_marker() -> None:
    page = document.PAGE.read_text(encoding="utf-8")
    for name in ("about", "rows", "details"):
        assert between(page, name, "x") != page


def test_the_chart_is_well_formed_and_says_its_figures_in_words() -> None:
    bars = (Bar("a < b", 8.8, "ours"), Bar("peer", 2300, "peer"))
    picture = chart([Panel("Tokens & more", bars)], title="What it costs", note="note")
    root = parsed(picture)
    assert root.findtext(f"{SVG}desc") == "Tokens & more: a < b 8.8 µs, peer 2.3 ms."
    widths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect") if bar.attrib["class"] != "card"]
    assert 0 < widths[0] < widths[1]
    assert "prefers-color-scheme: dark" in picture


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        chart([], title="", note="")


def test_the_scale_spans_whole_powers_of_ten() -> None:
    assert Scale(8.8, 2300).ticks() == [1, 10, 100, 1000, 10000]


@pytest.mark.parametrize(("value", "text"), [(8.84, "8.8 µs"), (250.4, "250 µs"), (12_345, "12.3 ms")])
def test_durations_are_told_as_people_read_them(value: float, text: str) -> None:
    assert told(value) == text


def test_the_curves_are_well_formed_and_want_two_sizes() -> None:
    points = {"refresh, cpu": [(1e4, 100.0), (1e6, 110.0)], "refresh, backend": [(1e4, 90.0), (1e6, 95.0)]}
    root = parsed(curves(points, title="Growth", note="note"))
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    with pytest.raises(ValueError, match="two sizes"):
        curves({"refresh, cpu": [(1e4, 100.0)]}, title="", note="")


def test_the_chart_shows_what_was_measured_and_leaves_out_peers_that_were_not_there() -> None:
    (panel,) = panels(studies(cached=50, nginx=10))
    assert [bar.label for bar in panel.bars] == ["nginx, static answer", "this server, cached JWT"]


def test_every_row_has_a_name_of_its_own_and_a_study_that_exists() -> None:
    assert len({row.key for row in ROWS}) == len(ROWS)
    assert {row.study for row in ROWS} == set(STUDIES)


def test_the_command_is_told_as_it_would_be_typed_again() -> None:
    words = ["--full", "--only", "growth", "--growth", "10000,10000000"]
    assert options(words).command() == "python -m benchmarks " + " ".join(words)
    assert options([]).command() == "python -m benchmarks"


@pytest.mark.parametrize("words", [["--only", "nothing"], ["--growth", "ten"], ["--growth", "10"]])
def test_what_cannot_be_measured_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        options(words)
    assert refused.value.code == 2
    assert "error:" in capsys.readouterr().err
