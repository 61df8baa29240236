"""What the rounds give for each target, and the figures made of it."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """One target under load for some seconds. Times in µs; `others` is how many CPUs other processes used."""

    cpu: float
    backend: float
    rate: float
    p50: float
    p99: float
    others: float


@dataclass(frozen=True, slots=True)
class Series:
    """The turns of one target, a turn per round."""

    name: str
    turns: list[Turn] = field(default_factory=list)

    def of(self, figure: str) -> list[float]:
        """One figure of every turn, in the order of the rounds."""
        return [float(getattr(turn, figure)) for turn in self.turns]

    def median(self, figure: str) -> float:
        """The median over the rounds."""
        return median(self.of(figure))

    def to_json(self) -> dict[str, object]:
        """The medians and every turn."""
        names = ("cpu", "backend", "rate", "p50", "p99", "others")
        medians = {name: round(self.median(name), 2) for name in names}
        return {"name": self.name, "median": medians, "turns": [asdict(turn) for turn in self.turns]}


def median(values: Sequence[float]) -> float:
    """The median. Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    return statistics.median(values)


def ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of the ratios taken round by round, so that a machine whose speed drifts favours nobody."""
    return median([a / b for a, b in zip(of, to, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share (0 to 1) of all values does not exceed. Raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cores_needed(cpu_us: float, operations_per_second: float) -> float:
    """How many cores a load takes that costs so much CPU time per operation."""
    return cpu_us * operations_per_second / 1e6
