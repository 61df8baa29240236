"""Which guesses are judged: cases of the rule."""

import pytest

from identity_service.domain.services.lockout import (
    Limits,
    Source,
    Treatment,
    doubles,
    slowed,
    source_of,
    treatment,
)

LIMITS = Limits(per_source=3, source_seconds=60, per_account=10, account_seconds=600)


@pytest.mark.parametrize(
    ("address", "source", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64", "2001:db8:1::/48"),
        ("::1", "::/64", "::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("a file", "a file", "a file"),
        (None, "unknown", "unknown"),
    ],
    ids=str,
)
def test_an_address_counts_for_what_one_household_has(address: str | None, source: str, network: str) -> None:
    assert source_of(address) == Source(source, network)


@pytest.mark.parametrize(
    ("by_source", "by_kind", "found"),
    [
        (1, 1, Treatment.JUDGED),
        (3, 10, Treatment.JUDGED),
        (4, 10, Treatment.HELD_BACK),
        (4, 11, Treatment.HELD_BACK),
        (3, 11, Treatment.SLOWED),
        (1, 11, Treatment.SLOWED),
    ],
)
def test_a_source_is_held_back_and_a_kind_is_slowed(by_source: int, by_kind: int, found: Treatment) -> None:
    assert treatment(LIMITS, by_source=by_source, by_kind=by_kind) is found


@pytest.mark.parametrize(
    ("by_network", "in_turn", "found"),
    [
        (1, 1, Treatment.JUDGED),
        (1, 3, Treatment.JUDGED),
        (1, 4, Treatment.HELD_BACK),
        (2, 1, Treatment.HELD_BACK),
    ],
)
def test_of_a_kind_that_is_slowed_each_network_has_one_turn(
    by_network: int, in_turn: int, found: Treatment
) -> None:
    assert slowed(LIMITS, by_network=by_network, in_turn=in_turn) is found


def test_what_doubles() -> None:
    assert [number for number in range(1, 70) if doubles(number)] == [1, 2, 4, 8, 16, 32, 64]
