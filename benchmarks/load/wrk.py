"""Closed loop: wrk keeps a number of connections busy, targets taking turns (A B C, A B C, …)."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.processes import Missing, Void, busy_seconds, cpu_seconds
from benchmarks.series import Series, Turn
from benchmarks.subjects import Target

FOLDER = Path(__file__).parent
ERRORS = ("connect", "read", "write", "timeout", "status")
DISTURBED = 0.35
"""CPUs used by other processes beyond which a round is repeated, where repeating is asked for."""
SIZE_TOLERANCE = 0.02
MOST_A_SECOND = 4000
"""Bodies that are good once are made for so many requests: no core signs that often by RSA-2048."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long, how often, from which core."""

    rounds: int
    seconds: int
    connections: int
    server_core: int
    load_core: int
    warm_up_seconds: int = 2
    """So that caches fill; programs that compile while they run want longer."""
    repeats: int = 0
    """So many disturbed rounds may be taken again."""
    say: Callable[[str], None] = print


def wrk_binary() -> str:
    """Raises Missing."""
    found = shutil.which("wrk")
    if found is None:
        raise Missing("wrk is missing: it makes the load (Debian: `apt-get install wrk`)")
    return found


class Probe(Protocol):
    """Something that takes turns among the targets without being a server."""

    @property
    def name(self) -> str:
        """As the series is called."""

    def take(self, plan: Plan, seconds: int) -> Turn:
        """One turn of it."""


def interleaved(contestants: Sequence[Target | Probe], plan: Plan) -> dict[str, Series]:
    """Warms every target, then takes the rounds. Raises Void, Missing."""
    series = {one.name: Series(one.name) for one in contestants}
    for one in contestants:
        _take(one, plan, plan.warm_up_seconds)
    repeats, done = plan.repeats, 0
    while done < plan.rounds:
        taken = {one.name: _take(one, plan, plan.seconds) for one in contestants}
        others = sum(figures.others for figures in taken.values()) / len(taken)
        if others > DISTURBED and repeats > 0:
            repeats -= 1
            plan.say(f"  others used {others:.2f} CPUs: this round is taken again")
            continue
        done += 1
        plan.say(f"  round {done} of {plan.rounds}")
        for name, figures in taken.items():
            series[name].turns.append(figures)
    return series


def _take(one: Target | Probe, plan: Plan, seconds: int) -> Turn:
    return turn(one, plan, seconds=seconds) if isinstance(one, Target) else one.take(plan, seconds)


def turn(target: Target, plan: Plan, *, seconds: int) -> Turn:
    """One target under load; its answers are checked before and after. Raises Void."""
    size = target.check()
    with tempfile.TemporaryDirectory(prefix="identity-bench-") as name:
        environment = _environment(target, Path(name), seconds)
        subject = target.subject
        cpu, backend = cpu_seconds([subject.pid]), cpu_seconds(subject.backends)
        own, busy, started = _children(), busy_seconds(), time.monotonic()
        result = _wrk(target, plan, seconds, environment)
        took, busy, own = time.monotonic() - started, busy_seconds() - busy, _children() - own
        cpu, backend = cpu_seconds([subject.pid]) - cpu, cpu_seconds(subject.backends) - backend
    _judge(target, result, size)
    target.check()
    count = result["requests"]
    return Turn(
        cpu=cpu / count * 1e6,
        backend=backend / count * 1e6,
        rate=count / result["us"] * 1e6,
        p50=result["p50"],
        p99=result["p99"],
        others=max(0.0, busy - cpu - backend - own) / took,
    )


def bodies_needed(plan: Plan) -> int:
    """Of those that are good once, for all turns of a target."""
    turns = plan.rounds + plan.repeats
    return (plan.warm_up_seconds + turns * plan.seconds) * MOST_A_SECOND + 2 * (turns + 1)


def _environment(target: Target, folder: Path, seconds: int) -> dict[str, str]:
    given = {"AUTH": target.subject.authorization, "METHOD": target.method, "COOKIE": target.cookie}
    if target.rotates:
        (folder / "seeds").write_text("\n".join(target.subject.take_seeds()))
        extra = "".join(f"&{name}={value}" for name, value in target.subject.extra.items())
        return given | {"TOKENS": str(folder / "seeds"), "EXTRA": extra}
    bodies = target.supply(seconds * MOST_A_SECOND) if target.supply else target.bodies
    (folder / "bodies").write_text("\n".join(bodies))
    if target.method == "GET":
        return given | {"AUTH": ""}
    return given | {"BODIES": str(folder / "bodies")}


def _wrk(target: Target, plan: Plan, seconds: int, environment: dict[str, str]) -> dict[str, float]:
    script = FOLDER / ("refresh.lua" if target.rotates else "post.lua")
    command = ["taskset", "-c", str(plan.load_core), wrk_binary(), "-t1", f"-c{plan.connections}"]
    done = subprocess.run(
        [*command, f"-d{seconds}s", "--timeout", "20s", "-s", str(script), target.url],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result: dict[str, float] = json.loads(line.removeprefix("RESULT "))
            return result
    raise Void(f"{target.name}: wrk says nothing usable: {done.stdout[-300:]} {done.stderr[-300:]}")


def _judge(target: Target, result: dict[str, float], size: float) -> None:
    """A quick wrong answer is no result: failures are counted, and so is what all answers weigh together."""
    if any(result[kind] for kind in ERRORS) or not result["requests"]:
        wrong = {kind: result[kind] for kind in ("requests", *ERRORS)}
        raise Void(f"{target.name}: not every request was answered well: {wrong}")
    mean = result["bytes"] / result["requests"]
    if size and abs(mean - size) > size * SIZE_TOLERANCE:
        raise Void(f"{target.name}: answers of {mean:.0f} bytes where {size:.0f} were expected")


def _children() -> float:
    """CPU time of the programs that this process has run to their end."""
    times = os.times()
    return times.children_user + times.children_system + times.user + times.system
