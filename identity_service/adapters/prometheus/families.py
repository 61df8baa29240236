"""Decides what a family of measured values is, how it is written as text, and how those of several processes add up."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Of Prometheus's text format, which every collector reads."""

Kind = Literal["counter", "gauge", "histogram", "summary"]
Whole = Literal["sum", "max", "min"]
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_WHOLES: Final[Mapping[Whole, Callable[[list[float]], float]]] = {"sum": sum, "max": max, "min": min}


@dataclass(frozen=True, slots=True)
class Family:
    """Values under one name. `samples` has `name{label="value"}`, suffix included, as it stands in the text.

    `whole` says what the value of several processes together is; anything but a gauge adds up, and goes on adding up
    when its process has ended, so that nothing ever counts backwards.
    """

    name: str
    kind: Kind
    help: str
    whole: Whole = "sum"
    samples: dict[str, float] = field(default_factory=dict)

    def add(self, value: float, *, suffix: str = "", **labels: str) -> None:
        """One value. Labels are names and words of this server: a request has no part in them."""
        self.samples[f"{self.name}{suffix}{_braces(labels)}"] = value

    @property
    def lasting(self) -> bool:
        """Whether the values of a process that has ended still count."""
        return self.kind != "gauge"


def counter(name: str, about: str) -> Family:
    """A number that only goes up; its name ends in `_total`."""
    return Family(name, "counter", about)


def gauge(name: str, about: str, *, whole: Whole = "sum") -> Family:
    """A number that goes up and down."""
    return Family(name, "gauge", about, whole)


def total(snapshots: Iterable[Iterable[Family]]) -> list[Family]:
    """The families of several processes as one; a process may lack some."""
    found: dict[str, Family] = {}
    values: dict[str, dict[str, list[float]]] = {}
    for family in (family for snapshot in snapshots for family in snapshot):
        found.setdefault(family.name, family)
        for sample, value in family.samples.items():
            values.setdefault(family.name, {}).setdefault(sample, []).append(value)
    return [_whole(family, values.get(name, {})) for name, family in found.items()]


def _whole(family: Family, values: Mapping[str, list[float]]) -> Family:
    combine = _WHOLES[family.whole]
    samples = {sample: float(combine(each)) for sample, each in values.items()}
    return Family(family.name, family.kind, family.help, family.whole, samples)


def text(families: Iterable[Family]) -> bytes:
    """Families that have values, in Prometheus's text format 0.0.4."""
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines += (f"# HELP {family.name} {_escaped(family.help)}", f"# TYPE {family.name} {family.kind}")
            lines += (f"{sample} {_number(value)}" for sample, value in family.samples.items())
    return "".join(f"{line}\n" for line in lines).encode()


def _braces(labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{{{inner}}}" if inner else ""


def _escaped(about: str) -> str:
    return about.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    """Whole numbers without a point, so that people can read them."""
    return str(int(value)) if float(value).is_integer() else repr(value)
