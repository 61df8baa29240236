"""What to measure and how long: the command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.installing import default_folder
from benchmarks.table import ROWS


@dataclass(frozen=True, kw_only=True)
class Preset:
    """What is taken where nothing is said."""

    rounds: int
    seconds: int
    repeats: int
    growth: tuple[int, ...]


SHORT = Preset(rounds=3, seconds=2, repeats=0, growth=(10_000, 100_000))
FULL = Preset(rounds=5, seconds=3, repeats=2, growth=(10_000, 100_000, 1_000_000))


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was chosen."""

    rounds: int
    seconds: int
    repeats: int
    connections: int
    server_core: int
    load_core: int
    only: tuple[str, ...]
    growth: tuple[int, ...]
    rate: float
    full: bool
    write_docs: bool
    json: Path | None
    svg: Path | None
    peers: Path

    def command(self) -> str:
        """As it would be typed again, for the document."""
        words = ["python -m benchmarks"]
        words += ["--full"] if self.full else []
        words += ["--only", *self.only] if self.only else []
        preset = FULL if self.full else SHORT
        words += [f"--rounds {self.rounds}"] if self.rounds != preset.rounds else []
        words += [f"--seconds {self.seconds}"] if self.seconds != preset.seconds else []
        words += [f"--repeats {self.repeats}"] if self.repeats != preset.repeats else []
        words += [f"--growth {','.join(map(str, self.growth))}"] if self.growth != preset.growth else []
        return " ".join(words)

    def method(self) -> str:
        """How it is measured, in words."""
        return f"{self.rounds} interleaved rounds of {self.seconds} s with {self.connections} connections"


def options(arguments: list[str] | None = None) -> Options:
    """Reads the command line; ends the program with a line that says what is wrong with it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures this server beside the machine's limits and its peers.",
    )
    parser.add_argument("--full", action="store_true", help="more rounds, larger tables")
    parser.add_argument("--only", nargs="+", metavar="ROW", default=(), help="only what these rows need")
    parser.add_argument("--rows", action="store_true", help="list the rows and leave")
    parser.add_argument("--rounds", type=int, help=f"of each target (default {SHORT.rounds}, {FULL.rounds})")
    parser.add_argument("--seconds", type=int, help=f"of a turn (default {SHORT.seconds}, {FULL.seconds})")
    parser.add_argument("--repeats", type=int, help="disturbed rounds that are taken again (default 0, 2)")
    parser.add_argument("--growth", metavar="TOKENS,...", help="table sizes: numbers of live tokens")
    parser.add_argument("--rate", type=float, default=5000.0, help="operations a second of the mix")
    parser.add_argument("--connections", type=int, default=16, help="connections of the load")
    parser.add_argument("--server-core", type=int, default=1, help="the core that servers are pinned to")
    parser.add_argument("--load-core", type=int, default=0, help="the core of the load and of databases")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the chart there")
    parser.add_argument("--write-docs", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--peers", type=Path, default=default_folder(), help="where peers were installed")
    given = parser.parse_args(arguments)
    known = {row.key for row in ROWS}
    if given.rows:
        parser.exit(message="".join(f"{row.key:34} {row.title}\n" for row in ROWS))
    if unknown := set(given.only) - known:
        parser.error(f"no such row: {', '.join(sorted(unknown))} (--rows lists them)")
    preset = FULL if given.full else SHORT
    return Options(
        rounds=min(given.rounds or preset.rounds, 20),
        seconds=min(given.seconds or preset.seconds, 30),
        repeats=preset.repeats if given.repeats is None else given.repeats,
        connections=given.connections,
        server_core=given.server_core,
        load_core=given.load_core,
        only=tuple(given.only),
        growth=_sizes(parser, given.growth) if given.growth else preset.growth,
        rate=given.rate,
        full=given.full,
        write_docs=given.write_docs,
        json=given.json,
        svg=given.svg,
        peers=given.peers,
    )


def _sizes(parser: argparse.ArgumentParser, text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(sorted({int(size) for size in text.split(",")}))
    except ValueError:
        sizes = ()
    if not sizes or sizes[0] < 1000:
        parser.error("--growth wants numbers from 1000 on, separated by commas")
    return sizes
