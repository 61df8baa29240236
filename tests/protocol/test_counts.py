"""What a server counts of the requests it answers: routes by their templates, refusals by their codes."""

import pytest

from identity_service.http.requests import FIRST_STATUS, STATUSES, Requests
from tests.api_caller import on_sqlite, program
from tests.house import House

pytestmark = on_sqlite


def answers(house: House, method: str, path: str) -> dict[int, int]:
    """How often each status was answered at a route."""
    requests: Requests = house.app.state.requests
    at = requests.number(method, path) * STATUSES
    counted = requests.statuses[at : at + STATUSES]
    return {FIRST_STATUS + status: number for status, number in enumerate(counted) if number}


def refusals(house: House) -> dict[tuple[str, str], int]:
    """How often each code was answered at each path."""
    requests: Requests = house.app.state.requests
    return {
        (requests.routes[route].path, code): number for (route, code), number in requests.refusals.items()
    }


async def test_an_answer_is_counted_by_method_template_and_status(house: House) -> None:
    call = await program(house)
    await call("GET", "/users/0197f0d0-0000-7000-8000-000000000000")
    await call("GET", "/users")
    assert answers(house, "GET", "/users/{user_id}") == {404: 1}
    assert answers(house, "GET", "/users") == {200: 1}
    assert answers(house, "POST", "/oauth2/token") == {200: 1}
    assert answers(house, "POST", "/users") == {}


async def test_head_counts_as_the_get_that_it_stands_for(house: House) -> None:
    await house.http.head("/health/live")
    assert answers(house, "GET", "/health/live") == {200: 1}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere/idr_secret", 404),
        ("GET", "/oauth2/token", 405),
        ("DELETE", "/oauth2/token", 405),
        ("INVENTED", "/oauth2/token", 405),
        ("OPTIONS", "/oauth2/introspect", 204),
    ],
)
async def test_attack_25_what_fits_no_route_is_counted_together_whatever_the_caller_wrote(
    house: House, method: str, path: str, status: int
) -> None:
    await house.http.request(method, path)
    assert answers(house, "other", "other") == {status: 1}


async def test_s6_a_refusal_is_counted_by_its_code(house: House) -> None:
    client = await house.add_client()
    await house.token(client, grant_type="password", username="nobody", password="wrong")
    await house.token(client, grant_type="invented")
    await house.http.get("/users", headers={"Authorization": "Bearer idr_wrong"})
    await house.http.get("/oauth2/token")
    assert refusals(house) == {
        ("/oauth2/token", "invalid_grant"): 1,
        ("/oauth2/token", "unsupported_grant_type"): 1,
        ("/users", "invalid_token"): 1,
        ("other", "invalid_request"): 1,
    }


async def test_a_success_counts_no_refusal_and_nothing_is_in_flight_afterwards(house: House) -> None:
    await house.http.get("/health/live")
    assert refusals(house) == {}
    assert house.app.state.requests.in_flight == 0
