"""When a message that did not arrive is sent again."""

import pytest

from identity_service.domain.services.redelivery import LONGEST_SECONDS, seconds_to_wait


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (5000, 3600)]
)
def test_it_waits_twice_as_long_each_time_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert seconds_to_wait(attempts, chance=0) == seconds


def test_chance_takes_away_a_half_at_most() -> None:
    assert seconds_to_wait(3, chance=1) == 10
    assert seconds_to_wait(3, chance=0.5) == 15
    assert 1 <= seconds_to_wait(1, chance=1) <= LONGEST_SECONDS
