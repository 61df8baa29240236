"""The lease: a second from the start of the last read."""

import pytest

from identity_service.application.liveness.lease import Lease
from tests.clock import Clock


def test_without_a_read_there_is_no_lease() -> None:
    lease = Lease(Clock())

    assert not lease.held
    assert lease.age is None


@pytest.mark.parametrize(("later", "held"), [(0.0, True), (0.999, True), (1.0, False), (3600.0, False)])
def test_it_runs_for_one_second_from_the_start_of_the_read(later: float, held: bool) -> None:
    clock = Clock()
    lease = Lease(clock)
    start = clock()
    clock.now += 0.3  # the read took that long
    lease.extend(start)
    clock.now = start + later

    assert lease.held is held


def test_an_older_read_that_ends_late_shortens_nothing() -> None:
    clock = Clock()
    lease = Lease(clock)
    lease.extend(clock() + 0.5)
    lease.extend(clock())
    clock.now += 1.2

    assert lease.held


def test_its_age_is_that_of_the_last_read() -> None:
    clock = Clock()
    lease = Lease(clock)
    lease.extend(clock())
    clock.now += 7

    assert lease.age == pytest.approx(7)


@pytest.mark.parametrize(("later", "tolerated"), [(0.9, True), (30.9, True), (31.0, False)])
def test_a_tolerance_counts_from_the_end_of_the_lease(later: float, tolerated: bool) -> None:
    clock = Clock()
    lease = Lease(clock, tolerance_seconds=30)
    lease.extend(clock())
    clock.now += later

    assert lease.tolerated is tolerated


def test_without_a_tolerance_only_a_held_lease_is_good_enough() -> None:
    clock = Clock()
    lease = Lease(clock)
    lease.extend(clock())
    clock.now += 1

    assert not lease.tolerated
