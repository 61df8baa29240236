"""Connections that say nothing: do they keep others waiting?"""

from benchmarks.bench import Bench, Findings
from benchmarks.idle_connections import ALONE, BESIDE, idle_connections
from benchmarks.load.wrk import Plan, interleaved, turn
from benchmarks.series import Turn
from benchmarks.subjects import Target

TOKENS = 64


class Beside:
    """A target that takes its turns while so many connections stand open, half of them with half a request sent."""

    def __init__(self, target: Target, *, port: int) -> None:
        self._target = target
        self._port = port
        self.name = BESIDE

    def take(self, plan: Plan, seconds: int) -> Turn:
        """One turn of it. Raises Void."""
        with idle_connections(self._port):
            return turn(self._target, plan, seconds=seconds)


def idle(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    with bench.embedded() as ours:
        forge = ours.forge()
        tokens = [forge.another() for _ in range(TOKENS)]
        target = ours.subject.introspection(ALONE, tokens, b'"active":true')
        return Findings(series=interleaved([target, Beside(target, port=ours.subject.port)], bench.plan))
