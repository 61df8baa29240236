"""Interleaved rounds: A B C, A B C, …; CPU time per request from /proc, medians over the rounds."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.targets import Target

TICK = os.sysconf("SC_CLK_TCK")
SCRIPT = Path(__file__).with_name("post.lua")


@dataclass
class Series:
    """What the rounds gave for one target: CPU µs per request, requests a second, latencies in µs."""

    name: str
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for one in found:
        children = Path(f"/proc/{one}/task/{one}/children")
        found += [int(child) for child in children.read_text().split()] if children.exists() else []
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of the process tree."""
    total = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def resident_megabytes(pid: int) -> float:
    """Memory of the process tree that is its own (private pages and its part of the shared ones)."""
    kilobytes = 0
    for one in tree(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


def load(target: Target, *, seconds: float, connections: int, core: int) -> dict[str, float]:
    """One turn of wrk. Raises SystemExit when it is missing or an answer was no success."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: it makes the load")
    env = {**os.environ, "BODY": target.body, "AUTH": target.authorization}
    before = cpu_seconds(target.pid)
    out = subprocess.run(
        [
            "taskset",
            "-c",
            str(core),
            wrk,
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            "-s",
            SCRIPT,
            target.url,
        ],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    ).stdout
    used = cpu_seconds(target.pid) - before
    line = next(line for line in out.splitlines() if line.startswith("RESULT "))
    result: dict[str, float] = json.loads(line.removeprefix("RESULT "))
    if any(result[kind] for kind in ("connect", "read", "write", "timeout", "status")):
        raise SystemExit(f"{target.name}: some requests failed: the run is void")
    return {
        "cpu": used / result["requests"] * 1e6,
        "rate": result["requests"] / result["us"] * 1e6,
        "p50": result["p50"],
        "p99": result["p99"],
    }


def interleaved(
    targets: Sequence[Target], *, rounds: int, seconds: float, connections: int, core: int
) -> list[Series]:
    """Warms every target for a second, then takes the rounds."""
    series = [Series(target.name) for target in targets]
    for target in targets:
        target.check()
        load(target, seconds=1, connections=connections, core=core)
    for _ in range(rounds):
        for target, one in zip(targets, series, strict=True):
            taken = load(target, seconds=seconds, connections=connections, core=core)
            target.check()
            for name, value in taken.items():
                getattr(one, name).append(value)
    return series


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of the ratios taken round by round, so that a machine whose speed drifts favours nobody."""
    return statistics.median(a / b for a, b in zip(of, to, strict=True))
