"""Whether the time of a refusal tells a known name from an unknown one: `python scripts/timing.py --help`.

Asks a server over HTTP, known and unknown in a random order within each pair, so that whatever else the machine does
falls on both alike. It judges nothing: it says how large the effect is, beside what chance alone would show.
"""

import argparse
import http.client
import random
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, median, stdev
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

WARM_UP: Final = 20
"""Pairs that are not counted: connections, caches and statements are ready after them."""
CONFIDENCE: Final = NormalDist().inv_cdf(0.975)

Ask = Callable[[str], int]
"""Sends a request about this name; answers the status."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How times of known names differ from those of unknown ones. Times are milliseconds.

    `rank`: rank-biserial correlation, from -1 to 1: how much likelier a known name takes longer than an unknown one
    than the other way round. `rank_noise`: within this, 19 of 20 runs without any difference would be. `cohens_d`:
    the difference of the means in standard deviations, which a few slow answers can make anything of.
    """

    pairs: int
    known: float
    unknown: float
    rank: float
    rank_noise: float
    cohens_d: float


def effect(known: Sequence[float], unknown: Sequence[float]) -> Effect:
    """Of two samples, in seconds, of two values each at least."""
    n, m = len(known), len(unknown)
    spread = sqrt((stdev(known) ** 2 + stdev(unknown) ** 2) / 2)
    return Effect(
        pairs=n,
        known=median(known) * 1000,
        unknown=median(unknown) * 1000,
        rank=rank_biserial(known, unknown),
        rank_noise=CONFIDENCE * sqrt((n + m + 1) / (3 * n * m)),
        cohens_d=(fmean(known) - fmean(unknown)) / spread if spread else 0.0,
    )


def rank_biserial(first: Sequence[float], second: Sequence[float]) -> float:
    """From the sum of the ranks (Mann and Whitney's U); equal values share theirs."""
    everything = sorted([*first, *second])
    ranks: dict[float, float] = {}
    at = 0
    while at < len(everything):
        end = at
        while end < len(everything) and everything[end] == everything[at]:
            end += 1
        ranks[everything[at]] = (at + 1 + end) / 2
        at = end
    n, m = len(first), len(second)
    u = sum(ranks[value] for value in first) - n * (n + 1) / 2
    return 2 * u / (n * m) - 1


def sampled(
    ask: Ask,
    known: str,
    *,
    pairs: int,
    expected: int,
    chance: random.Random,
    clock: Callable[[], float] = time.perf_counter,
) -> Effect:
    """Asks so many times about the known name and each time about one that nobody has.

    Raises RuntimeError for another answer than the refusal `expected`.
    """
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(WARM_UP + pairs):
        for is_known in chance.sample((True, False), 2):
            name = known if is_known else _made_up(known, chance)
            started = clock()
            status = ask(name)
            taken = clock() - started
            if status != expected:
                raise RuntimeError(
                    f"answered {status}, not {expected}; is the server run with RATE_LIMITS=off?"
                )
            if number >= WARM_UP:
                times[is_known].append(taken)
    return effect(times[True], times[False])


def _made_up(like: str, chance: random.Random) -> str:
    """As long as the known name, and of letters and digits that it may have."""
    return "".join(chance.choice("abcdef0123456789") if letter.isalnum() else letter for letter in like)


class Server:
    """One connection that stays open."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=60)
        self._path = f"{parts.path.rstrip('/')}/oauth2/token"

    def token(self, client: str, secret: str, **form: str) -> int:
        """The status that a request for a token is answered with."""
        pair = b64encode(f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", self._path, urlencode(form), headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def told(effects: dict[str, Effect]) -> str:
    """A table in Markdown."""
    lines = [
        "| refused | pairs | known (median) | unknown (median) | rank-biserial | noise (95 %) | Cohen's d |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, found in effects.items():
        lines.append(
            f"| {name} | {found.pairs} | {found.known:.3f} ms | {found.unknown:.3f} ms | {found.rank:+.3f} | "
            f"±{found.rank_noise:.3f} | {found.cohens_d:+.3f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Exit status 0; 1 where the server answers otherwise than with refusals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="of a server with RATE_LIMITS=off")
    parser.add_argument("--client", required=True, help="a client with the grant password")
    parser.add_argument("--secret", help="its secret, one for tests; needed to ask about people")
    parser.add_argument("--user", help="the name of somebody who is there; else only clients are asked about")
    parser.add_argument("--pairs", type=int, default=1000)
    chosen = parser.parse_args(arguments)
    server, chance = Server(chosen.url), random.Random()  # noqa: S311 - an order, no secret

    def as_client(name: str) -> int:
        return server.token(name, "ids_wrong", grant_type="client_credentials")

    def as_user(name: str) -> int:
        form = {"grant_type": "password", "username": name, "password": "wrong"}
        return server.token(chosen.client, chosen.secret or "", **form)

    questions = {"a client, by a wrong secret": (as_client, chosen.client, 401)}
    if chosen.user is not None:
        questions["a person, by a wrong password"] = (as_user, chosen.user, 400)
    try:
        effects = {
            name: sampled(ask, known, pairs=chosen.pairs, expected=expected, chance=chance)
            for name, (ask, known, expected) in questions.items()
        }
    except (OSError, RuntimeError) as error:
        print(f"scripts/timing.py: {error}", file=sys.stderr)
        return 1
    print(told(effects))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
