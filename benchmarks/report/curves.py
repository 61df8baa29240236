"""The second chart: what an operation costs while the tables grow, as lines over a logarithmic axis."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from benchmarks.report.chart import STYLE, WIDTH, opening, told

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 90, 720, 70, 330, 390
MORE_STYLE = """
    .curve { fill: none; stroke-width: 2.5; }
    .curve.ours { stroke: #3f7d4c; } .curve.peer { stroke: #7d9cc0; }
    .curve.behind { stroke-dasharray: 6 4; }
    @media (prefers-color-scheme: dark) { .curve.ours { stroke: #6dac79; } .curve.peer { stroke: #7fa6d3; } }"""
Points = Sequence[tuple[float, float]]
Place = Callable[[float, float], tuple[float, float]]


def curves(points: Mapping[str, Points], *, title: str, note: str) -> str:
    """The whole picture. A name that ends in `backend` is drawn dashed. Raises ValueError without two sizes."""
    sizes = sorted({size for line in points.values() for size, _ in line})
    if len(sizes) < 2:
        raise ValueError("two sizes at least")
    most = max(value for line in points.values() for _, value in line) * 1.15
    names = sorted({name.rpartition(",")[0] for name in points})

    def place(size: float, value: float) -> tuple[float, float]:
        share = math.log10(size / sizes[0]) / math.log10(sizes[-1] / sizes[0])
        return LEFT + share * (RIGHT - LEFT), BOTTOM - value / most * (BOTTOM - TOP)

    parts = [_grid(place, sizes, most)]
    for name, line in points.items():
        operation, _, part = name.rpartition(",")
        kind = ("ours", "peer")[names.index(operation) % 2] + (" behind" if part.strip() == "backend" else "")
        at = [place(size, value) for size, value in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        label = operation + (" (database)" if part.strip() == "backend" else " (server)")
        parts.append(f'  <polyline class="curve {kind}" points="{path}"/>\n')
        parts.append(
            f'  <text class="value" x="{RIGHT + 12}" y="{at[-1][1] + 5:.1f}">{escape(label)}</text>\n'
        )
    return f"""{opening(HEIGHT)}
  <title id="title">{escape(title)}</title>
  <desc id="desc">{escape(_told(points))}</desc>
  <style>{STYLE}{MORE_STYLE}
  </style>
  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"/>
  <text class="title" x="24" y="34">{escape(title)}</text>
{"".join(parts)}  <text class="note" x="24" y="{HEIGHT - 14}">{escape(note)}</text>
</svg>
"""


def _grid(place: Place, sizes: Sequence[float], most: float) -> str:
    lines = []
    for size in sizes:
        x, y = place(size, 0)
        lines.append(f'  <line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{y:.1f}"/>\n')
        lines.append(f'  <text class="tick" x="{x:.1f}" y="{y + 18:.1f}">{size:,.0f}</text>\n')
    for share in (0.0, 0.5, 1.0):
        x, y = place(sizes[0], most * share)
        lines.append(f'  <line class="grid" x1="{x:.1f}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}"/>\n')
        lines.append(f'  <text class="label" x="{LEFT - 10}" y="{y + 4:.1f}">{told(most * share)}</text>\n')
    return "".join(lines)


def _told(points: Mapping[str, Points]) -> str:
    return " ".join(
        f"{name}: {', '.join(f'{told(value)} at {size:,.0f}' for size, value in line)}."
        for name, line in points.items()
    )
