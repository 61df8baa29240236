"""How counted requests are named for a collector."""

from itertools import accumulate

from identity_service.adapters.prometheus.families import Family, counter, gauge
from identity_service.http.requests import BOUNDS, BUCKETS, FIRST_STATUS, STATUSES, Requests


def of_requests(requests: Requests) -> list[Family]:
    """Routes that nobody has called yet are left out."""
    called = [at for at in range(len(requests.routes)) if any(_of(requests.buckets, at, BUCKETS))]
    in_flight = gauge("identity_http_requests_in_flight", "Requests that the ordinary routes are working on.")
    in_flight.add(requests.in_flight)
    return [in_flight, _answers(requests, called), _durations(requests, called), _refusals(requests)]


def _answers(requests: Requests, called: list[int]) -> Family:
    family = counter(
        "identity_http_requests_total",
        "Answers by route and status; 499 is a caller that hung up before there was one.",
    )
    for at in called:
        method, route = requests.routes[at]
        for status, number in enumerate(_of(requests.statuses, at, STATUSES), FIRST_STATUS):
            if number:
                family.add(number, method=method, route=route, status=str(status))
    return family


def _durations(requests: Requests, called: list[int]) -> Family:
    family = Family(
        "identity_http_request_duration_seconds", "histogram", "Time from a request to its answer."
    )
    for at in called:
        labels = dict(zip(("method", "route"), requests.routes[at], strict=True))
        numbers = list(accumulate(_of(requests.buckets, at, BUCKETS)))
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), numbers, strict=True):
            family.add(number, suffix="_bucket", **labels, le=bound)
        family.add(requests.seconds[at], suffix="_sum", **labels)
        family.add(numbers[-1], suffix="_count", **labels)
    return family


def _refusals(requests: Requests) -> Family:
    family = counter("identity_oauth2_errors_total", "Refusals by route and OAuth error code.")
    for (at, code), number in requests.refusals.items():
        method, route = requests.routes[at]
        family.add(number, method=method, route=route, error=code)
    return family


def _of(numbers: list[int], at: int, size: int) -> list[int]:
    return numbers[at * size : (at + 1) * size]
