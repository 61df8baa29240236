"""The plain rules about refreshes, and how their points add up (docs/decisions/0091)."""

from datetime import UTC, datetime, timedelta

import pytest

from identity_service.domain.entities.origin import UNKNOWN, Finding, Noted, Origin, Place, Travel
from identity_service.domain.services.refresh_risk import (
    COUNTS_FOR,
    MOST_A_MINUTE,
    RULES,
    Sighting,
    broken_rules,
    kilometres,
    noted_with,
    score,
    still_counting,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
APP = "shop/3.2 CFNetwork/1410.0.3 Darwin/22.6.0"
HOME = Origin("192.0.2.7", APP)
ELSEWHERE = Origin("198.51.100.7", APP)
THIEF = Origin("198.51.100.7", "curl/8.5.0")

SIGHTINGS = [
    pytest.param(Sighting(known=HOME, now=HOME), [], id="as always"),
    pytest.param(Sighting(known=HOME, now=Origin("192.0.2.200", APP)), [], id="in the same network"),
    pytest.param(
        Sighting(known=HOME, now=Origin("192.0.2.7", "shop/3.3 CFNetwork/1492.0.1 Darwin/23.3.0")),
        [],
        id="after an update",
    ),
    pytest.param(Sighting(known=HOME, now=ELSEWHERE), ["network"], id="another network"),
    pytest.param(
        Sighting(known=HOME, now=Origin("192.0.2.7", "curl/8.5.0")), ["device"], id="another device"
    ),
    pytest.param(Sighting(known=HOME, now=Origin("192.0.2.7", None)), ["device"], id="no name any more"),
    pytest.param(Sighting(known=HOME, now=THIEF), ["device", "network"], id="both"),
    pytest.param(Sighting(known=HOME, now=HOME, replayed=True), [], id="a lost answer"),
    pytest.param(
        Sighting(known=HOME, now=ELSEWHERE, replayed=True),
        ["network", "replay"],
        id="a replay from elsewhere",
    ),
    pytest.param(Sighting(known=HOME, now=HOME, refreshes=MOST_A_MINUTE), ["pace"], id="very many"),
    pytest.param(Sighting(known=HOME, now=HOME, refreshes=MOST_A_MINUTE - 1), [], id="many"),
    pytest.param(Sighting(known=UNKNOWN, now=THIEF), [], id="nothing known before"),
    pytest.param(Sighting(known=HOME, now=ELSEWHERE, travel=Travel(6000, 60)), ["network", "far"], id="far"),
    pytest.param(
        Sighting(known=HOME, now=ELSEWHERE, travel=Travel(6000, 20_000)), ["network"], id="a flight"
    ),
    pytest.param(Sighting(known=HOME, now=ELSEWHERE, travel=Travel(500, 0)), ["network"], id="the next town"),
    pytest.param(Sighting(known=UNKNOWN, now=THIEF, replayed=True), [], id="nothing known of a replay"),
]


@pytest.mark.parametrize(("seen", "expected"), SIGHTINGS)
def test_what_the_rules_find(seen: Sighting, expected: list[str]) -> None:
    assert [finding.name for finding in broken_rules(seen)] == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("testclient", "testclient"),
        ("", ""),
        (None, None),
    ],
)
def test_whose_network_an_address_is_in(address: str | None, network: str | None) -> None:
    assert Origin(address).network == network


def test_an_origin_is_kept_in_bounds_and_storable() -> None:
    assert Origin.of("192.0.2.7", "a\0b" + "c" * 600) == Origin("192.0.2.7", "ab" + "c" * 497)
    assert Origin.of(None, None) == UNKNOWN


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ((51.5, -0.13), (40.7, -74.0), 5570),
        ((0.0, 179.5), (0.0, -179.5), 111),
        ((90.0, 0.0), (-90.0, 0.0), 20015),
        ((48.1, 11.6), (48.1, 11.6), 0),
    ],
    ids=["London to New York", "over the date line", "pole to pole", "nowhere"],
)
def test_how_far_it_is(here: tuple[float, float], there: tuple[float, float], expected: float) -> None:
    assert kilometres(Place(*here), Place(*there)) == pytest.approx(expected, rel=0.01)


def points(*names: str) -> int:
    chosen = [rule.finding.points for rule in RULES if rule.finding.name in names]
    assert len(chosen) == len(names)
    return sum(chosen)


def test_a_network_alone_is_far_from_any_threshold_and_only_two_strong_signs_end_a_family() -> None:
    event, sign_in = 40, 80
    assert points("network") < event
    assert points("device") >= event
    for usual in (
        ("device", "network"),
        ("network", "replay"),
        ("far", "network"),
        ("device", "pace", "network"),
    ):
        assert points(*usual) < sign_in
    for theft in (
        ("device", "network", "replay"),
        ("device", "network", "far"),
        ("network", "far", "replay"),
    ):
        assert points(*theft) >= sign_in


def finding(name: str, number: int = 10) -> Finding:
    return Finding(name, number, "why")


def test_a_rule_counts_once_and_for_an_hour() -> None:
    first = noted_with((), [finding("network")], at=NOW)
    again = noted_with(first, [finding("network")], at=NOW + timedelta(minutes=59))
    other = noted_with(again, [finding("device", 40)], at=NOW + timedelta(minutes=118))
    late = noted_with(other, [], at=NOW + timedelta(minutes=119))

    assert [score(each) for each in (first, again, other, late)] == [10, 10, 50, 40]
    assert again == [Noted(finding("network"), NOW + timedelta(minutes=59))]


@pytest.mark.parametrize(("after", "counts"), [(timedelta(), True), (COUNTS_FOR, False)])
def test_what_was_found_an_hour_ago_counts_no_more(after: timedelta, counts: bool) -> None:
    noted = [Noted(finding("device"), NOW)]

    assert bool(still_counting(noted, at=NOW + after)) is counts
