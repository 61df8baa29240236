"""Results as JSON: written by a run, read back to make the document, and joined when only some rows ran again."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bench import Findings
from benchmarks.rows import Absent, Row, Verdict
from benchmarks.series import Series, Turn


@dataclass(frozen=True, kw_only=True)
class Study:
    """The findings of one study, with how it was measured. `void` says why there are none."""

    date: str
    command: str
    method: str
    findings: Findings = field(default_factory=Findings)
    void: str = ""


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """One line of the table, computed."""

    row: Row
    value: float | None
    ours: str
    theirs: str
    verdict: Verdict
    why: str = ""


def computed(rows: tuple[Row, ...], studies: dict[str, Study]) -> list[RowResult]:
    """Each row with its verdict; a row whose study is missing or void says so."""
    return [_computed(row, studies.get(row.study)) for row in rows]


def _computed(row: Row, study: Study | None) -> RowResult:
    def unmeasured(why: str) -> RowResult:
        return RowResult(row=row, value=None, ours="", theirs="", verdict="not measured", why=why)

    if study is None:
        return unmeasured("not asked for")
    if study.void:
        return unmeasured(study.void)
    try:
        value = row.compute(study.findings)
    except Absent as absent:
        return unmeasured(str(absent))
    verdict = "told beside" if row.goals is None else row.goals.verdict(value.value)
    return RowResult(row=row, value=value.value, ours=value.ours, theirs=value.theirs, verdict=verdict)


def to_json(studies: dict[str, Study], rows: list[RowResult]) -> str:
    """Everything: rows with their verdicts, and every turn of every target."""
    document = {
        "rows": [
            {
                "key": one.row.key,
                "title": one.row.title,
                "value": None if one.value is None else round(one.value, 4),
                "unit": one.row.unit,
                "verdict": one.verdict,
                "why": one.why,
            }
            for one in rows
        ],
        "studies": {name: _study_to_json(study) for name, study in studies.items()},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _study_to_json(study: Study) -> dict[str, Any]:
    found = study.findings
    return {
        "date": study.date,
        "command": study.command,
        "method": study.method,
        "void": study.void,
        "labels": found.labels,
        "figures": {name: round(value, 4) for name, value in found.figures.items()},
        "points": {name: [list(point) for point in points] for name, points in found.points.items()},
        "series": [
            {
                "name": one.name,
                "turns": [[round(getattr(turn, name), 2) for name in FIGURES] for turn in one.turns],
            }
            for one in found.series.values()
        ],
    }


FIGURES = ("cpu", "backend", "rate", "p50", "p99", "others")


def read(path: Path) -> dict[str, Study]:
    """The studies of an earlier run; none where there is no file."""
    if not path.is_file():
        return {}
    return {name: _study(said) for name, said in json.loads(path.read_text())["studies"].items()}


def _study(said: dict[str, Any]) -> Study:
    series = {
        one["name"]: Series(
            one["name"], [Turn(**dict(zip(FIGURES, turn, strict=True))) for turn in one["turns"]]
        )
        for one in said["series"]
    }
    points = {name: [(x, y) for x, y in pairs] for name, pairs in said["points"].items()}
    return Study(
        date=said["date"],
        command=said["command"],
        method=said["method"],
        void=said["void"],
        findings=Findings(series=series, figures=said["figures"], labels=said["labels"], points=points),
    )
