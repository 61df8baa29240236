"""Runs the open-loop client as a process of its own, pinned to the load's core, and judges what it says."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.load.mix import MixPlan
from benchmarks.processes import Void, busy_seconds, cpu_seconds
from benchmarks.subjects import Subject

LEAST_DONE = 0.97
"""A load that keeps less than this of its schedule was no load of that rate."""


@dataclass(frozen=True, slots=True)
class MixTurn:
    """CPU µs per operation of the server and its backends; latencies in µs by kind; operations a second."""

    cpu: float
    backend: float
    rate: float
    kinds: dict[str, dict[str, float]]
    others: float


def mix_turn(plan: MixPlan, subject: Subject, *, core: int) -> MixTurn:
    """Raises Void when an answer was wrong or the schedule was not kept."""
    cpu, backend, busy = cpu_seconds([subject.pid]), cpu_seconds(subject.backends), busy_seconds()
    done = subprocess.run(
        ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.load.mix"],
        input=plan.to_json(),
        capture_output=True,
        text=True,
        timeout=plan.seconds * 3 + 60,
        check=False,
    )
    busy = busy_seconds() - busy
    cpu, backend = cpu_seconds([subject.pid]) - cpu, cpu_seconds(subject.backends) - backend
    if done.returncode != 0:
        raise Void(f"{subject.name}: the mix broke off: {done.stderr[-400:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    count = sum(kind["count"] for kind in said["kinds"].values())
    if said["wrong"] or said["lost"] or count < plan.rate * plan.seconds * LEAST_DONE:
        raise Void(
            f"{subject.name}: the mix went wrong: {count} answers, {said['wrong']}, {said['lost']} lost"
        )
    return MixTurn(
        cpu=cpu / count * 1e6,
        backend=backend / count * 1e6,
        rate=count / said["seconds"],
        kinds=said["kinds"],
        others=max(0.0, busy - cpu - backend - said["own_cpu"]) / said["seconds"],
    )
