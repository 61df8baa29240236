"""`python -m benchmarks`: how quick this server is beside the machine's own limits and beside its peers."""

import datetime
import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.load.wrk import Plan
from benchmarks.options import Options, options
from benchmarks.processes import Missing, Void
from benchmarks.report import document
from benchmarks.report.chart import chart
from benchmarks.report.panels import panels
from benchmarks.report.results import Study, computed, read, to_json
from benchmarks.report.text import plain
from benchmarks.studies import STUDIES
from benchmarks.table import ROWS


def main() -> int:
    """Returns the exit status: 1 when something was void or missing."""
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended, too
    if (os.cpu_count() or 1) <= max(chosen.server_core, chosen.load_core):
        print("Two cores are needed, one for servers and one for the load: --server-core, --load-core")
        return 1
    studies = measured(chosen)
    rows = computed(ROWS, studies)
    print("\n" + plain([one for one in rows if not chosen.only or one.row.key in chosen.only]))
    if chosen.json:
        chosen.json.write_text(to_json(studies, rows), encoding="utf-8")
    if chosen.svg and (shown := panels(studies)):
        chosen.svg.write_text(
            chart(shown, title="What a request costs", note=chosen.method()), encoding="utf-8"
        )
    if chosen.write_docs:
        _write_docs(studies, chosen)
    return 1 if any(study.void for study in studies.values()) else 0


def measured(chosen: Options) -> dict[str, Study]:
    """Runs the studies that the rows need, in the order of the document."""
    wanted = [row.study for row in ROWS if not chosen.only or row.key in chosen.only]
    names = [name for name in STUDIES if name in wanted]
    studies: dict[str, Study] = {}
    with tempfile.TemporaryDirectory(prefix="identity-bench-") as folder, ExitStack() as stack:
        bench = Bench(
            folder=Path(folder),
            plan=_plan(chosen),
            peers=chosen.peers,
            full=chosen.full,
            growth=chosen.growth,
            rate=chosen.rate,
            stack=stack,
        )
        for number, name in enumerate(names, 1):
            started = time.monotonic()
            say(f"[{number}/{len(names)}] {name}")
            studies[name] = _study(name, bench, chosen)
            say(f"  {studies[name].void or 'done'} ({time.monotonic() - started:.0f} s)")
    return studies


def say(text: str) -> None:
    """Progress, as it comes."""
    print(text, file=sys.stderr, flush=True)


def _plan(chosen: Options) -> Plan:
    return Plan(
        rounds=chosen.rounds,
        seconds=chosen.seconds,
        connections=chosen.connections,
        server_core=chosen.server_core,
        load_core=chosen.load_core,
        warm_up_seconds=5 if chosen.full else 2,
        repeats=chosen.repeats,
        say=say,
    )


def _study(name: str, bench: Bench, chosen: Options) -> Study:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        findings = STUDIES[name](bench)
    except (Void, Missing) as failed:
        return Study(date=today, command=chosen.command(), method=chosen.method(), void=str(failed))
    return Study(date=today, command=chosen.command(), method=chosen.method(), findings=findings)


def _write_docs(studies: dict[str, Study], chosen: Options) -> None:
    """What ran now replaces what the document had of it; the rest stays."""
    kept = read(document.FIGURES) | {name: study for name, study in studies.items() if not study.void}
    ordered = {name: kept[name] for name in STUDIES if name in kept}
    for path in document.write(ordered, computed(ROWS, ordered), about=document.about(ordered)):
        say(f"wrote {path.relative_to(document.CHECKOUT)}")


if __name__ == "__main__":
    sys.exit(main())
