"""Memory of a worker when idle and for each remembered token; how long it takes to the first answer."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.ours import PATHS, Ours, prepare, serving
from benchmarks.processes import Void, resident_megabytes
from benchmarks.series import median
from benchmarks.wire import Line, request

TOKENS, TOKENS_FULL = 4000, 20_000
STARTS, STARTS_FULL = 3, 7


def footprint(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        ours = stack.enter_context(bench.on_postgres(redis=True))
        ours.sign_in()
        found.figures["idle MB"] = resident_megabytes(ours.subject.pid)
        found.figures["KB a token"] = _kilobytes_a_token(ours, TOKENS_FULL if bench.full else TOKENS)
    found.figures["first answer s"] = median(_starts(bench))
    return found


def _kilobytes_a_token(ours: Ours, count: int) -> float:
    """Beyond the first thousand, which fill what the allocator keeps ready."""
    forge, line = ours.forge(), Line(ours.subject.port)

    def remember(number: int) -> None:
        for _ in range(number):
            data = request(
                "POST",
                PATHS.introspect,
                port=ours.subject.port,
                body=f"token={forge.another()}",
                authorization=ours.subject.authorization,
            )
            if b'"active":true' not in line.ask(data).body:
                raise Void("a token is not active")

    remember(1000)
    before = resident_megabytes(ours.subject.pid)
    remember(count)
    grown = resident_megabytes(ours.subject.pid) - before
    line.close()
    return grown * 1024 / count


def _starts(bench: Bench) -> list[float]:
    place = bench.place()
    prepared = prepare(place)
    took = []
    for _ in range(STARTS_FULL if bench.full else STARTS):
        with serving(prepared, name="start", core=bench.plan.server_core, folder=place) as ours:
            took.append(ours.first_answer_seconds)
    return took
