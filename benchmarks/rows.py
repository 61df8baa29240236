"""The promised rows: what each is computed from, and what was aimed at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.bench import Findings
from benchmarks.series import cores_needed, median, ratio

FOUNDING_LOAD = 1_000_000 / 60
"""Operations a second."""
Verdict = Literal["stretch", "goal", "floor", "below the floor", "not measured", "told beside"]


@dataclass(frozen=True, kw_only=True)
class Goals:
    """What must be, what is wanted, what would be talked about. At least that much, or at most."""

    floor: float
    goal: float | None = None
    stretch: float | None = None
    at_most: bool = False

    def verdict(self, value: float) -> Verdict:
        """The highest of the three that is met."""
        met: Verdict = "below the floor"
        levels: tuple[tuple[Verdict, float | None], ...] = (
            ("floor", self.floor),
            ("goal", self.goal),
            ("stretch", self.stretch),
        )
        for name, level in levels:
            if level is not None and (value <= level if self.at_most else value >= level):
                met = name
        return met


@dataclass(frozen=True, slots=True)
class Value:
    """A row's figure; `ours` and `theirs` are the texts of what it was computed from."""

    value: float
    ours: str = ""
    theirs: str = ""


class Absent(Exception):
    """The row was not measured; the text says why."""


Compute = Callable[[Findings], Value]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    key: str
    title: str
    study: str
    compute: Compute
    goals: Goals | None = None
    unit: str = ""


def microseconds(of: Findings, name: str, *, backend: bool = False) -> str:
    """What a request of a series costs, as a text."""
    series = of.series[name]
    text = (
        f"{series.median('cpu'):,.1f} µs" if series.median("cpu") < 100 else f"{series.median('cpu'):,.0f} µs"
    )
    behind = series.median("backend")
    return f"{text} + {behind:,.0f} µs in the database" if backend and behind > 0.5 else text


def beside(ours: str, theirs: str) -> Compute:
    """How often theirs costs what ours costs, by CPU time per request of the server."""

    def compute(found: Findings) -> Value:
        for name in (ours, theirs):
            if name not in found.series:
                raise Absent(f"not there: {name}")
        value = ratio(found.series[theirs].of("cpu"), found.series[ours].of("cpu"))
        return Value(
            value, microseconds(found, ours, backend=True), microseconds(found, theirs, backend=True)
        )

    return compute


def times(ours: str, theirs: str) -> Compute:
    """How often ours costs what theirs costs, by CPU time per request of the server."""

    def compute(found: Findings) -> Value:
        told = beside(ours, theirs)(found)
        return Value(
            ratio(found.series[ours].of("cpu"), found.series[theirs].of("cpu")), told.ours, told.theirs
        )

    return compute


def slower(ours: str, theirs: str) -> Compute:
    """How much longer the slowest hundredth of ours waits than that of theirs."""

    def compute(found: Findings) -> Value:
        for name in (ours, theirs):
            if name not in found.series:
                raise Absent(f"not there: {name}")
        of = {name: found.series[name] for name in (ours, theirs)}
        value = ratio(of[ours].of("p99"), of[theirs].of("p99"))
        told = [f"p99 {of[name].median('p99') / 1000:.2f} ms" for name in (ours, theirs)]
        return Value(value, *told)

    return compute


def besides(ours: str, taken_off: str, *, count: int) -> Compute:
    """What a request costs in µs of the server's CPU time beside so many of what is taken off."""

    def compute(found: Findings) -> Value:
        told = beside(ours, taken_off)(found)
        pairs = zip(found.series[ours].of("cpu"), found.series[taken_off].of("cpu"), strict=True)
        rest = median([whole - count * part for whole, part in pairs])
        return Value(rest, told.ours, f"{count} × {told.theirs}")

    return compute


def worst_of_what_is_not_good(found: Findings) -> Value:
    """A valid cached token beside the dearest kind of those that are not good."""
    kinds = ("garbage", "expired", "revoked")
    ratios = {kind: ratio(found.series["cached"].of("cpu"), found.series[kind].of("cpu")) for kind in kinds}
    worst = min(ratios, key=lambda kind: ratios[kind])
    each = ", ".join(f"{kind} {microseconds(found, kind)}" for kind in kinds)
    return Value(ratios[worst], each, f"valid {microseconds(found, 'cached')}")


def figure(name: str, *, shown: Mapping[str, str] | None = None) -> Compute:
    """A single figure of the study; `shown` maps other figures to how they are told beside it."""

    def compute(found: Findings) -> Value:
        if name not in found.figures:
            raise Absent(f"not there: {name}")
        told = "; ".join(form.format(found.figures[other]) for other, form in (shown or {}).items())
        return Value(found.figures[name], told)

    return compute


def cores(turns: str, rate: str) -> Compute:
    """Server cores for the founding load, from what an operation of the mix costs."""

    def compute(found: Findings) -> Value:
        cpu, backend = found.figures[f"cpu, {turns}"], found.figures[f"backend cpu, {turns}"]
        ours = f"{cpu:,.0f} µs an operation at {found.figures[rate]:,.0f} a second"
        return Value(
            cores_needed(cpu, FOUNDING_LOAD),
            ours,
            f"{cores_needed(backend, FOUNDING_LOAD):.2f} cores of database and Redis",
        )

    return compute


def growth_of_the_dearest(found: Findings) -> Value:
    """The largest size beside the smallest, for the operation that grows most; server and database together."""
    operations = sorted({name.rpartition(",")[0] for name in found.points})
    if not operations:
        raise Absent("nothing was filled")
    ratios, told = [], []
    for operation in operations:
        server, database = found.points[f"{operation}, cpu"], found.points[f"{operation}, backend"]
        (small, first), (large, last) = ((server[at][0], server[at][1] + database[at][1]) for at in (0, -1))
        ratios.append(last / first)
        told.append(f"{operation}: {first:,.0f} → {last:,.0f} µs")
    return Value(max(ratios), "; ".join(told), f"{small:,.0f} → {large:,.0f} tokens")
