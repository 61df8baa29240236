"""Tables: for the terminal, and as Markdown between the markers of the document."""

import re
from collections.abc import Sequence

from benchmarks.report.results import RowResult, Study
from benchmarks.rows import Goals
from benchmarks.series import Series

WORDS = {
    "stretch": "stretch",
    "goal": "goal",
    "floor": "floor",
    "below the floor": "**below the floor**",
    "not measured": "not measured",
    "told beside": "",
}
SERIES_HEAD = ("", "CPU µs", "database µs", "answers/s", "p50 ms", "p99 ms")


def shown(value: float | None, unit: str = "") -> str:
    """A figure with three digits that count."""
    if value is None:
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.995 else 3
    return f"{value:,.{digits}f}" + (f" {unit}" if unit else "")


def goals_shown(goals: Goals | None) -> str:
    """Floor, goal and stretch in one cell."""
    if goals is None:
        return ""
    sign = "≤ " if goals.at_most else "≥ "
    levels = (goals.floor, goals.goal, goals.stretch)
    return " · ".join(f"{sign}{level:g}" for level in levels if level is not None)


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table; columns after the first are set to the right where they hold figures only."""
    rows = [f"| {' | '.join(head)} |", f"|{'|'.join('---' for _ in head)}|"]
    return "\n".join([*rows, *(f"| {' | '.join(line)} |" for line in lines)]) + "\n"


def rows_table(rows: Sequence[RowResult]) -> str:
    """The promised rows."""
    head = ("ours / theirs", "ours", "theirs", "figure", "floor · goal · stretch", "met")
    lines = [
        (
            one.row.title,
            one.ours or one.why,
            one.theirs,
            f"**{shown(one.value, one.row.unit)}**" if one.value is not None else "–",
            goals_shown(one.row.goals),
            WORDS[one.verdict],
        )
        for one in rows
    ]
    return markdown(head, lines)


def series_line(series: Series, label: str) -> tuple[str, ...]:
    """One target: medians over the rounds."""
    return (
        label,
        shown(series.median("cpu")),
        shown(series.median("backend")) if series.median("backend") > 0.5 else "",
        f"{series.median('rate'):,.0f}",
        shown(series.median("p50") / 1000),
        shown(series.median("p99") / 1000),
    )


def series_table(study: Study) -> str:
    """All targets of a study."""
    labels = study.findings.labels
    return markdown(
        SERIES_HEAD,
        [series_line(one, labels.get(name, name)) for name, one in study.findings.series.items()],
    )


def figures_table(study: Study) -> str:
    """All single figures of a study."""
    return markdown(("", "figure"), [(name, shown(value)) for name, value in study.findings.figures.items()])


def details(studies: dict[str, Study]) -> str:
    """Everything that was measured, study by study."""
    parts = []
    for name, study in studies.items():
        method = f", {study.method}" if study.findings.series else ""
        parts.append(f"### {name.capitalize()}\n\n{study.date}{method}: `{study.command}`\n")
        if study.void:
            parts.append(f"Void: {study.void}\n")
        if study.findings.series:
            parts.append(series_table(study))
        if study.findings.figures:
            parts.append(figures_table(study))
    return "\n".join(parts)


def between(text: str, name: str, new: str) -> str:
    """The text with what stands between the markers of that name replaced. Raises ValueError without them."""
    pattern = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no markers for {name}")
    return pattern.sub(lambda found: f"{found[1]}\n{new.strip()}\n\n{found[2]}", text)


def plain(rows: Sequence[RowResult]) -> str:
    """The rows for the terminal."""
    lines = []
    for one in rows:
        if one.why == "not asked for":
            continue
        figure, title = shown(one.value, one.row.unit), one.row.title.replace("**", "")
        lines.append(f"{title}\n  {figure:>10}  {goals_shown(one.row.goals):24} {one.verdict}")
        lines += [
            f"              {text}"
            for text in (one.ours, one.theirs and f"beside {one.theirs}", one.why)
            if text
        ]
    return "\n".join(lines)
