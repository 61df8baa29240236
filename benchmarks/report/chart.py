"""The chart as an SVG: CPU time per request on a logarithmic scale, readable on light and dark ground."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 1000
LEFT, RIGHT = 330, 860
BAR, STEP, HEAD, GAP, FOOT = 18, 27, 52, 18, 40
STYLE = """
    .card { fill: #fcfbf8; stroke: #d5d0c4; }
    .ours { fill: #3f7d4c; }
    .limit { fill: #c9c3b5; }
    .peer { fill: #7d9cc0; }
    .grid { stroke: #d5d0c4; stroke-dasharray: 2 4; }
    text { font-family: "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
    text { font-size: 14px; fill: #23282f; }
    .title { font-size: 16px; font-weight: 600; }
    .label { text-anchor: end; }
    .label.own, .value.own { font-weight: 600; }
    .value { font-size: 13px; }
    .tick, .note { font-size: 12px; fill: #5a6068; }
    .tick { text-anchor: middle; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #1b1f25; stroke: #3a424d; }
      .ours { fill: #6dac79; }
      .limit { fill: #59616d; }
      .peer { fill: #5b80ab; }
      .grid { stroke: #3a424d; }
      text { fill: #eef1f5; }
      .tick, .note { fill: #a9b2bd; }
    }"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `kind` is ours, peer or limit, the value in µs."""

    label: str
    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Some bars that may be compared with each other."""

    title: str
    bars: tuple[Bar, ...]


def chart(panels: Sequence[Panel], *, title: str, note: str) -> str:
    """The whole picture. Raises ValueError when there is nothing to show."""
    values = [bar.value for panel in panels for bar in panel.bars]
    if not values:
        raise ValueError("nothing to show")
    scale = Scale(min(values), max(values))
    parts, top = [], 58
    for panel in panels:
        parts.append(_panel(panel, top, scale))
        top += HEAD + STEP * len(panel.bars) + GAP
    height = top + FOOT - GAP
    return f"""{opening(height)}
  <title id="title">{escape(title)}</title>
  <desc id="desc">{escape(_told(panels))}</desc>
  <style>{STYLE}
  </style>
  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>
  <text class="title" x="24" y="34">{escape(title)}</text>
{"".join(parts)}  <text class="note" x="24" y="{height - 18}">{escape(note)}</text>
</svg>
"""


def opening(height: int) -> str:
    """The first tag of a picture of the usual width."""
    space = "http://www.w3.org/2000/svg"
    return f'<svg xmlns="{space}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">'


class Scale:
    """Where a value stands: whole powers of ten at both ends."""

    def __init__(self, least: float, most: float) -> None:
        self._low = math.floor(math.log10(least))
        self._high = max(self._low + 1, math.ceil(math.log10(most)))

    def x(self, value: float) -> float:
        """The place of a value."""
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return LEFT + share * (RIGHT - LEFT)

    def ticks(self) -> list[float]:
        """The powers of ten."""
        return [10.0**power for power in range(self._low, self._high + 1)]


def told(microseconds: float) -> str:
    """A duration as people read it."""
    if microseconds >= 1000:
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds:.0f} µs" if microseconds >= 20 else f"{microseconds:.1f} µs"


def _panel(panel: Panel, top: int, scale: Scale) -> str:
    bottom = top + HEAD + STEP * len(panel.bars) - 8
    lines = [f'  <text class="title" x="24" y="{top + 18}">{escape(panel.title)}</text>\n']
    for tick in scale.ticks():
        x = scale.x(tick)
        lines.append(f'  <line class="grid" x1="{x:.1f}" y1="{top + 40}" x2="{x:.1f}" y2="{bottom}"/>\n')
        lines.append(
            f'  <text class="tick" x="{x:.1f}" y="{top + 34}">{told(tick).replace(".0", "")}</text>\n'
        )
    for at, bar in enumerate(panel.bars):
        y, end = top + HEAD + at * STEP - 6, scale.x(bar.value)
        own = " own" if bar.kind == "ours" else ""
        lines.append(
            f'  <text class="label{own}" x="{LEFT - 10}" y="{y + 14}">{escape(bar.label)}</text>\n'
            f'  <rect class="{bar.kind}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" rx="2"/>\n'
            f'  <text class="value{own}" x="{end + 8:.1f}" y="{y + 14}">{told(bar.value)}</text>\n'
        )
    return "".join(lines)


def _told(panels: Sequence[Panel]) -> str:
    """The figures as a sentence, for whoever cannot see the bars."""
    return " ".join(
        f"{panel.title}: {', '.join(f'{bar.label} {told(bar.value)}' for bar in panel.bars)}."
        for panel in panels
    )
