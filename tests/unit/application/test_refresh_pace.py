"""How refreshes are counted within a minute: by family, and for so many families at most."""

import pytest

from identity_service.application.use_cases.oauth2 import watch_refreshes
from identity_service.application.use_cases.oauth2.watch_refreshes import Pace
from identity_service.domain.value_objects.ids import FamilyId

ONE, OTHER, THIRD = FamilyId("one"), FamilyId("other"), FamilyId("third")


class Seconds:
    """A clock that is set."""

    now = 60.0

    def __call__(self) -> float:
        return self.now


def test_each_family_is_counted_by_itself_and_anew_each_minute() -> None:
    clock = Seconds()
    pace = Pace(clock)

    assert [pace.count(ONE), pace.count(ONE), pace.count(OTHER), pace.count(ONE)] == [1, 2, 1, 3]
    clock.now = 119.9
    assert pace.count(ONE) == 4
    clock.now = 120.0
    assert pace.count(ONE) == 1


def test_no_more_families_are_counted_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_refreshes, "MOST_COUNTED", 2)
    pace = Pace(Seconds())

    counted = [pace.count(each) for each in (ONE, OTHER, THIRD, THIRD, ONE)]

    assert counted == [1, 1, 1, 1, 2]
