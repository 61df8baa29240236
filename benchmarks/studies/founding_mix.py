"""The founding load: 99 % introspection, 0.9 % refresh, 0.1 % sign-in at a fixed rate; what sign-ins do to the rest."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.load.mix import MixPlan
from benchmarks.load.open_loop import MixTurn, mix_turn
from benchmarks.ours import PATHS, Ours
from benchmarks.processes import Void
from benchmarks.series import median

WITH_SIGN_INS = {"introspect": 0.99, "refresh": 0.009, "login": 0.001}
WITHOUT = {"introspect": 0.991, "refresh": 0.009}
ACCESS_TOKENS = 1000
REFRESH_TOKENS = 12
KEPT_UP_US = 20_000
"""A server whose median answer comes later than this is overloaded, and its p99 says how long that lasted."""
SLOWER = 0.5
"""A rate that cannot be kept is tried at half of it."""
BCRYPT_SHARE = 0.2
"""One core does three hashes of bcrypt's cost 12 a second: at this share of the rate it is not asked for more."""
SCHEMES = {
    "Argon2id": {"PASSWORD_SCHEME": "argon2id"},
    "bcrypt 12": {"PASSWORD_SCHEME": "bcrypt", "BCRYPT_COST": "12"},
}


def founding_mix(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        servers = {
            scheme: stack.enter_context(bench.on_postgres(redis=True, settings=settings))
            for scheme, settings in SCHEMES.items()
        }
        argon, bcrypt = (Mixed(bench, servers[scheme]) for scheme in SCHEMES)
        rate = _rate_that_holds(bench, argon)
        bcrypt.turn(rate * BCRYPT_SHARE, WITHOUT, 2)
        turns: dict[str, list[MixTurn]] = {"with": [], "without": [], "bcrypt": []}
        for done in range(bench.plan.rounds):
            turns["with"].append(argon.turn(rate, WITH_SIGN_INS))
            turns["without"].append(argon.turn(rate, WITHOUT))
            turns["bcrypt"].append(bcrypt.turn(rate * BCRYPT_SHARE, WITH_SIGN_INS))
            bench.plan.say(f"  round {done + 1} of {bench.plan.rounds}")
    found.figures = _figures(turns) | {"rate": rate, "rate with bcrypt": rate * BCRYPT_SHARE}
    return found


class Mixed:
    """One server with what the mix sends to it."""

    def __init__(self, bench: Bench, ours: Ours) -> None:
        self._bench, self._ours = bench, ours
        ours.sign_in()  # so that the user's password is hashed as new ones are
        forge = ours.forge()
        self._access = tuple(forge.another() for _ in range(ACCESS_TOKENS))
        self._seconds = 6.0 if bench.full else 4.0

    def turn(self, rate: float, shares: dict[str, float], seconds: float | None = None) -> MixTurn:
        """One turn of it, with refresh tokens of its own. Raises Void."""
        fresh = tuple(self._ours.sign_in()["refresh_token"] for _ in range(REFRESH_TOKENS))
        plan = MixPlan(
            port=self._ours.subject.port,
            rate=rate,
            seconds=seconds or self._seconds,
            shares=shares,
            authorization=self._ours.subject.authorization,
            introspect_path=PATHS.introspect,
            token_path=PATHS.token,
            access_tokens=self._access,
            refresh_tokens=fresh,
            login=self._ours.login,
        )
        return mix_turn(plan, self._ours.subject, core=self._bench.plan.load_core)


def _rate_that_holds(bench: Bench, mixed: Mixed) -> float:
    rate = bench.rate
    for _ in range(4):
        if not (why := _what_hinders(mixed, rate)):
            return rate
        bench.plan.say(f"  {rate:.0f} operations a second are too many here and now ({why}): trying half")
        rate *= SLOWER
    raise Void("no rate could be kept")


def _what_hinders(mixed: Mixed, rate: float) -> str:
    """Empty when the rate is kept."""
    try:
        taken = mixed.turn(rate, WITH_SIGN_INS, 3)
    except Void as void:
        return str(void)
    middle = taken.kinds["introspect"]["p50"]
    return "" if middle < KEPT_UP_US else f"the median answer takes {middle / 1000:.0f} ms"


def _figures(turns: dict[str, list[MixTurn]]) -> dict[str, float]:
    ratios = [
        with_them.kinds["introspect"]["p99"] / without.kinds["introspect"]["p99"]
        for with_them, without in zip(turns["with"], turns["without"], strict=True)
    ]
    figures = {"p99 with sign-ins / without": median(ratios)}
    for name, taken in turns.items():
        figures |= {
            f"cpu, {name}": median([one.cpu for one in taken]),
            f"backend cpu, {name}": median([one.backend for one in taken]),
            f"introspection p50, {name}": median([one.kinds["introspect"]["p50"] for one in taken]),
            f"introspection p99, {name}": median([one.kinds["introspect"]["p99"] for one in taken]),
            f"others, {name}": median([one.others for one in taken]),
        }
    return figures
