"""A flood of wrong sign-ins: what introspection notices of it, and whether people still get in."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.bench import Bench, Findings
from benchmarks.load.flood import PATIENCE_SECONDS, FloodPlan
from benchmarks.load.mix import MixPlan
from benchmarks.load.open_loop import MixTurn, mix_turn
from benchmarks.ours import PASSWORD, PATHS, USERNAME, Ours
from benchmarks.processes import Void
from benchmarks.series import median

WRONG_RATE = 200.0
PEOPLE_RATE = 0.5
ADDRESSES = 200
INTROSPECTIONS = 500.0
"""A second: a third of a core, so that the flood and its hashing have the rest to fight over."""
ACCESS_TOKENS = 200
SCHEME = {"PASSWORD_SCHEME": "bcrypt", "BCRYPT_COST": "12"}
"""The default."""
NEWCOMER = "newcomer"


@dataclass(frozen=True, slots=True)
class FloodTurn:
    """Introspection meanwhile, and what was said to whom."""

    introspection: MixTurn
    said: dict[str, Any]


def flood(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    with bench.on_postgres(redis=True, settings=SCHEME) as ours:
        ours.add_user(NEWCOMER, PASSWORD)
        flooded = Flooded(bench, ours)
        flooded.quiet(2)
        quiet, floods = [], []
        for done in range(bench.plan.rounds):
            quiet.append(flooded.quiet())
            floods.append(flooded.flood(done))
            bench.plan.say(f"  round {done + 1} of {bench.plan.rounds}")
    return Findings(figures=_figures(quiet, floods))


class Flooded:
    """One server with what is sent to it."""

    def __init__(self, bench: Bench, ours: Ours) -> None:
        self._bench, self._ours = bench, ours
        forge = ours.forge()  # for which somebody signs in: the address is known from now on
        self._access = tuple(forge.another() for _ in range(ACCESS_TOKENS))
        self._seconds = 10.0 if bench.full else 6.0

    def quiet(self, seconds: float | None = None) -> MixTurn:
        """A turn of introspection alone. Raises Void."""
        plan = MixPlan(
            port=self._ours.subject.port,
            rate=INTROSPECTIONS,
            seconds=seconds or self._seconds,
            shares={"introspect": 1.0},
            authorization=self._ours.subject.authorization,
            introspect_path=PATHS.introspect,
            token_path=PATHS.token,
            access_tokens=self._access,
            refresh_tokens=(),
            login=self._ours.login,
        )
        return mix_turn(plan, self._ours.subject, core=self._bench.plan.load_core)

    def flood(self, number: int) -> FloodTurn:
        """The same in the midst of the flood. Raises Void."""
        with self._flooding(number) as said:
            introspection = self.quiet()
        return FloodTurn(introspection, said)

    @contextmanager
    def _flooding(self, number: int) -> Iterator[dict[str, Any]]:
        said: dict[str, Any] = {}
        plan = FloodPlan(
            port=self._ours.subject.port,
            path=PATHS.token,
            authorization=self._ours.subject.authorization,
            rate=WRONG_RATE,
            people_rate=PEOPLE_RATE,
            seconds=self._seconds + 2,
            addresses=ADDRESSES,
            round=number,
            known=(USERNAME, PASSWORD),
            newcomer=(NEWCOMER, PASSWORD),
        )
        command = [
            "taskset",
            "-c",
            str(self._bench.plan.load_core),
            sys.executable,
            "-m",
            "benchmarks.load.flood",
        ]
        with ThreadPoolExecutor(1) as executor:
            flood = executor.submit(
                subprocess.run,
                command,
                input=plan.to_json(),
                capture_output=True,
                text=True,
                timeout=plan.seconds + 2 * PATIENCE_SECONDS,
                check=False,
            )
            yield said
            done = flood.result()
        if done.returncode != 0:
            raise Void(f"the flood broke off: {done.stderr[-400:]}")
        said.update(json.loads(done.stdout))


def _figures(quiet: list[MixTurn], floods: list[FloodTurn]) -> dict[str, float]:
    p99 = [
        (turn.introspection.kinds["introspect"], alone.kinds["introspect"])
        for turn, alone in zip(floods, quiet, strict=True)
    ]
    figures = {
        "p99 in the flood / without": median([within["p99"] / without["p99"] for within, without in p99]),
        "p50 in the flood / without": median([within["p50"] / without["p50"] for within, without in p99]),
    }
    for share in ("p50", "p99"):
        figures[f"introspection {share}, in the flood"] = median([within[share] for within, _ in p99])
        figures[f"introspection {share}, without"] = median([without[share] for _, without in p99])
    for kind in ("known", "newcomer"):
        statuses = _statuses(floods, kind)
        figures[f"{kind}: let in, of 100"] = 100 * statuses["200"] / statuses.total()
        times = [turn.said[kind]["p50"] for turn in floods if "p50" in turn.said[kind]]
        figures[f"{kind}: median ms"] = median(times) if times else 0.0
    for name, turns in (("in the flood", [turn.introspection for turn in floods]), ("without", quiet)):
        figures[f"server cores, {name}"] = median([turn.cpu * turn.rate / 1e6 for turn in turns])
    wrong = _statuses(floods, "wrong")
    for status in ("400", "429", "503"):
        figures[f"wrong: {status}, of 100"] = 100 * wrong[status] / wrong.total()
    return figures


def _statuses(floods: list[FloodTurn], kind: str) -> Counter[str]:
    return sum((Counter(turn.said[kind]["statuses"]) for turn in floods), Counter())
