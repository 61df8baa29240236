"""How suspicious a refresh is: plain rules, each with its points and a sentence that says why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Final

from identity_service.domain.entities.origin import UNKNOWN, Finding, Noted, Origin, Place, Travel

COUNTS_FOR: Final = timedelta(hours=1)
"""How long a rule counts after it was last broken. Each counts once, however often it is broken."""
NEAR_KILOMETRES: Final = 500
"""What says where addresses are errs by less, as a rule."""
FASTEST_KMH: Final = 1000
"""Airliners are slower, from airport to airport."""
MOST_A_MINUTE: Final = 30
"""More refreshes of one family within a minute than any access token needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A refresh beside what is known of its family.

    `known` is where the family was last refreshed from (or begun), `replayed` says that the token was spent already and
    is answered within its grace, `refreshes` counts those of the last minute, `travel` is there where both places are
    known and far from each other.
    """

    known: Origin
    now: Origin
    replayed: bool = False
    refreshes: int = 1
    travel: Travel | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is found where `broken` says so."""

    broken: Callable[[Sighting], bool]
    finding: Finding


def _another_network(seen: Sighting) -> bool:
    return seen.known != UNKNOWN and seen.known.network != seen.now.network


def _another_device(seen: Sighting) -> bool:
    return seen.known != UNKNOWN and seen.known.device != seen.now.device


def _replay_from_elsewhere(seen: Sighting) -> bool:
    return seen.replayed and _another_network(seen)


def _too_far(seen: Sighting) -> bool:
    if seen.travel is None:
        return False
    return seen.travel.kilometres > NEAR_KILOMETRES + FASTEST_KMH * seen.travel.seconds / 3600


def _too_often(seen: Sighting) -> bool:
    return seen.refreshes >= MOST_A_MINUTE


RULES: Final = (
    Rule(
        _another_device,
        Finding("device", 40, "Another program or device than before presented the refresh token."),
    ),
    Rule(
        _another_network,
        Finding("network", 10, "It came from another network than before; phones change theirs all day."),
    ),
    Rule(
        _too_far,
        Finding(
            "far", 40, "It came from farther away than anybody travels in the time since the one before."
        ),
    ),
    Rule(
        _replay_from_elsewhere,
        Finding("replay", 30, "A token spent moments ago was presented again, from another network."),
    ),
    Rule(
        _too_often,
        Finding("pace", 20, "The family was refreshed far more often than its access tokens run out."),
    ),
)


def kilometres(here: Place, there: Place) -> float:
    """As the crow flies (haversine, on a globe with the Earth's mean radius)."""
    north, other = radians(here.latitude), radians(there.latitude)
    east = radians(there.longitude - here.longitude)
    half = sin((other - north) / 2) ** 2 + cos(north) * cos(other) * sin(east / 2) ** 2
    return 2 * 6371 * asin(min(1.0, sqrt(half)))


def broken_rules(seen: Sighting) -> list[Finding]:
    """What the rules of this page find."""
    return [rule.finding for rule in RULES if rule.broken(seen)]


def still_counting(noted: Iterable[Noted], *, at: datetime) -> list[Noted]:
    """What was found within the last hour before this moment."""
    return [each for each in noted if at - each.at < COUNTS_FOR]


def noted_with(before: Iterable[Noted], found: Iterable[Finding], *, at: datetime) -> list[Noted]:
    """What counts from this moment on: a rule that is broken again counts anew, not twice."""
    new = [Noted(finding, at) for finding in found]
    names = {each.finding.name for each in new}
    return [each for each in still_counting(before, at=at) if each.finding.name not in names] + new


def score(noted: Iterable[Noted]) -> int:
    """The points of what counts."""
    return sum(each.finding.points for each in noted)
