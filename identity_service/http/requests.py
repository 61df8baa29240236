"""What is counted of every request: its route, its status, how long it took; nothing that a caller could make up."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, NamedTuple

BOUNDS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Upper ends of the buckets of the time to answer, in seconds; a last bucket takes the rest."""
FIRST_STATUS: Final = 100
STATUSES: Final = 500
BUCKETS: Final = len(BOUNDS) + 1
BROKEN_OFF: Final = 499
"""Counted where no answer began: the caller hung up, or the server was told to leave."""


class Route(NamedTuple):
    """A method and the template of a path, such as `GET /users/{user_id}`."""

    method: str
    path: str


ELSEWHERE: Final = Route("other", "other")
"""Whatever fits no route, method included."""


class Requests:
    """Counts in plain lists that are as long at the start as they will ever be; read when somebody asks.

    A door knows its routes: it takes their numbers once (`number`) and calls `count` once for each answer.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = (ELSEWHERE, *dict.fromkeys(routes))
        self._numbers: dict[tuple[str, str], int] = {route: at for at, route in enumerate(self.routes)}
        self.statuses = [0] * (STATUSES * len(self.routes))
        self.buckets = [0] * (BUCKETS * len(self.routes))
        self.seconds = [0.0] * len(self.routes)
        self.refusals: dict[tuple[int, str], int] = {}
        self.in_flight = 0

    def number(self, method: str, path: str) -> int:
        """The number of a route by its template; 0 for what is no route of ours."""
        return self._numbers.get((method, path), 0)

    def count(self, route: int, status: int, seconds: float) -> None:
        """One answer: `status` from 100 to 599, `seconds` from the request to its answer. Costs half a microsecond."""
        self.statuses[route * STATUSES + status - FIRST_STATUS] += 1
        self.buckets[route * BUCKETS + bisect_left(BOUNDS, seconds)] += 1
        self.seconds[route] += seconds

    def count_refusal(self, route: int, code: str) -> None:
        """One refusal by its OAuth error code (RFC 6749 §5.2): a name of ours, never a text of the caller's."""
        key = (route, code)
        self.refusals[key] = self.refusals.get(key, 0) + 1
