"""Several workers behind one port: does a request cost more than with one?"""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.load.wrk import interleaved
from benchmarks.subjects import Target

TOKENS = 64


def workers(bench: Bench) -> Findings:
    """All workers share the server's core, so that only their number differs. Raises Void, Missing."""
    with ExitStack() as stack:
        targets: list[Target] = []
        for number, name in ((1, "one worker"), (2, "two workers")):
            ours = stack.enter_context(bench.on_postgres(redis=True, workers=number))
            forge = ours.forge()
            tokens = [forge.another() for _ in range(TOKENS)]
            targets.append(ours.subject.introspection(name, tokens, b'"active":true'))
        return Findings(series=interleaved(targets, bench.plan))
