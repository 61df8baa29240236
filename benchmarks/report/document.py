"""Writes what was measured into the documentation: tables between markers, the charts, the raw figures."""

import os
import platform
from pathlib import Path

from benchmarks.report.chart import chart
from benchmarks.report.curves import curves
from benchmarks.report.panels import panels
from benchmarks.report.results import RowResult, Study, to_json
from benchmarks.report.text import between, details, rows_table
from benchmarks.series import median

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "performance.md"
CHART = CHECKOUT / "docs" / "images" / "performance.svg"
GROWTH = CHECKOUT / "docs" / "images" / "growth.svg"
FIGURES = CHECKOUT / "docs" / "performance.json"


def machine() -> str:
    """The machine in words, without its name."""
    cores, memory = os.cpu_count() or 1, _memory_gigabytes()
    return f"{cores} cores ({_processor()}), {memory} GB of memory, Linux, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gigabytes() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def about(studies: dict[str, Study]) -> str:
    """When and where it was measured, and how much the machine was disturbed."""
    days = sorted({study.date for study in studies.values()})
    others = [
        one
        for study in studies.values()
        for each in study.findings.series.values()
        for one in each.of("others")
    ]
    busy = (
        f" Meanwhile other programs used {median(others):.1f} CPUs of it (median over all turns)."
        if others
        else ""
    )
    when = " to ".join(dict.fromkeys((days[0], days[-1])))
    return f"{when}, on a machine of {machine()}; all figures by `python -m benchmarks`.{busy}"


def write(studies: dict[str, Study], rows: list[RowResult], *, about: str) -> list[Path]:
    """Answers the files that were written. Raises ValueError when the page has no markers."""
    text = PAGE.read_text(encoding="utf-8")
    for name, new in (("about", about), ("rows", rows_table(rows)), ("details", details(studies))):
        text = between(text, name, new)
    FIGURES.write_text(to_json(studies, rows), encoding="utf-8")
    PAGE.write_text(text, encoding="utf-8")
    written = [PAGE, FIGURES]
    if shown := panels(studies):
        note = "CPU time of the server for one request, logarithmic; shorter is better. docs/performance.md says how."
        CHART.write_text(chart(shown, title="What a request costs", note=note), encoding="utf-8")
        written.append(CHART)
    points = studies["growth"].findings.points if "growth" in studies else {}
    if any(len(line) > 1 for line in points.values()):
        note = "CPU time for one operation, by the number of live tokens in PostgreSQL."
        GROWTH.write_text(curves(points, title="What growth costs", note=note), encoding="utf-8")
        written.append(GROWTH)
    return written
