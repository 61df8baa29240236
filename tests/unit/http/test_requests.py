"""Counting requests: by route, status, time and refusal, in places that are all there from the start."""

import pytest

from identity_service.http.requests import BOUNDS, BUCKETS, ELSEWHERE, STATUSES, Requests, Route

TOKEN = Route("POST", "/oauth2/token")
KEYS = Route("GET", "/.well-known/jwks.json")


@pytest.fixture
def requests() -> Requests:
    return Requests([TOKEN, KEYS, TOKEN])


def test_each_route_has_one_number_and_what_is_no_route_shares_the_first(requests: Requests) -> None:
    assert requests.routes == (ELSEWHERE, TOKEN, KEYS)
    assert [requests.number(*route) for route in requests.routes] == [0, 1, 2]
    assert requests.number("GET", "/oauth2/token") == 0


def test_an_answer_is_counted_at_its_route_and_status_and_nowhere_else(requests: Requests) -> None:
    requests.count(2, 100, 0.0)
    requests.count(2, 599, 0.0)
    counted = {at: number for at, number in enumerate(requests.statuses) if number}
    assert counted == {2 * STATUSES: 1, 3 * STATUSES - 1: 1}


@pytest.mark.parametrize(
    ("seconds", "bucket"),
    [(0.0, 0), (BOUNDS[0], 0), (BOUNDS[0] * 1.01, 1), (BOUNDS[-1], BUCKETS - 2), (3600.0, BUCKETS - 1)],
)
def test_a_time_falls_into_the_first_bucket_whose_end_it_does_not_pass(
    requests: Requests, seconds: float, bucket: int
) -> None:
    requests.count(1, 200, seconds)
    assert requests.buckets.index(1) == BUCKETS + bucket
    assert sum(requests.buckets) == 1
    assert requests.seconds == [0.0, seconds, 0.0]


def test_refusals_are_counted_by_code(requests: Requests) -> None:
    requests.count_refusal(1, "invalid_grant")
    requests.count_refusal(1, "invalid_grant")
    requests.count_refusal(1, "invalid_client")
    assert requests.refusals == {(1, "invalid_grant"): 2, (1, "invalid_client"): 1}


def test_the_bounds_ascend() -> None:
    assert list(BOUNDS) == sorted(set(BOUNDS))
