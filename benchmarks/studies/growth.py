"""Does an operation cost more when there are many more tokens? Databases of several sizes, taking turns."""

import asyncio
import shutil
import time
from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.filling import Filled, fill
from benchmarks.load.wrk import interleaved
from benchmarks.ours import Ours
from benchmarks.processes import Missing
from benchmarks.subjects import Target

BYTES_A_TOKEN = 1500
"""What a live token takes on disk with its family and all indexes, and as much again for the log of changes."""
FAMILIES_ASKED = 1000
CACHED = "100"
"""Fewer than are asked for in turn, so every introspection is looked up."""
OPERATIONS = ("introspection, missed", "refresh")


def growth(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    _refuse_too_little_disk(bench)
    with ExitStack() as stack:
        targets: list[Target] = []
        for size in bench.growth:
            ours = stack.enter_context(bench.on_postgres(settings={"CACHED_TOKENS": CACHED}))
            targets += _targets(bench, ours, size)
        found.series = interleaved(targets, bench.plan)
    for operation in OPERATIONS:
        for part in ("cpu", "backend"):
            found.points[f"{operation}, {part}"] = [
                (size, found.series[f"{operation}, {size}"].median(part)) for size in bench.growth
            ]
    return found


def _targets(bench: Bench, ours: Ours, size: int) -> list[Target]:
    ours.sign_in()  # the new rows are made like the ones of this
    url = ours.prepared.environment["DATABASE_URL"]
    started = time.monotonic()
    filled = asyncio.run(fill(url, tokens=size, known=max(bench.seeds(), FAMILIES_ASKED)))
    bench.plan.say(f"  {size} live tokens of {filled.users} users in {time.monotonic() - started:.0f} s")
    ours.subject.refresh_tokens.extend(filled.refresh_tokens)
    return [
        ours.subject.introspection(f"{OPERATIONS[0]}, {size}", _tokens(ours, filled), b'"active":true'),
        ours.subject.refresh(f"{OPERATIONS[1]}, {size}"),
    ]


def _tokens(ours: Ours, filled: Filled) -> list[str]:
    forge = ours.forge()
    return [forge.another(sub=user, fid=family) for family, user in filled.families[:FAMILIES_ASKED]]


def _refuse_too_little_disk(bench: Bench) -> None:
    free, wanted = shutil.disk_usage(bench.folder).free, sum(bench.growth) * BYTES_A_TOKEN
    if free < wanted * 2:
        raise Missing(
            f"{wanted >> 30} GB are wanted for the growth, twice that should be free: --growth says how far"
        )
