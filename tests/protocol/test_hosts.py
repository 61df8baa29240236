"""A request under a foreign name is refused, by every door, in the manner of the endpoint (RFC 9110 §15.5.20)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from tests.house import House

OAUTH = (("POST", "/oauth2/token"), ("POST", "/oauth2/introspect"), ("POST", "/oauth2/revoke"))
OTHERS = (
    ("GET", "/"),
    ("GET", "/health/live"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/users"),
    ("GET", "/docs"),
    ("GET", "/oauth2x"),
    ("GET", "/nothing"),
)
EVIL = {"Host": "evil.example"}
DETAIL = "this server is not asked under that name: ISSUER and ALLOWED_HOSTS say under which"
House_with = Callable[..., AbstractAsyncContextManager[House]]


@pytest.mark.parametrize("fast_path", ["early", "off"])
async def test_attack_26_nothing_is_answered_under_a_foreign_name(
    house_with: House_with, fast_path: str
) -> None:
    async with house_with(fast_path=fast_path) as house:
        client = await house.add_client()
        form = {"grant_type": "client_credentials"}
        for method, path in OAUTH:
            data = {"token": "x"} if "token" not in path else form
            answer = await house.http.request(method, path, data=data, auth=client.basic, headers=EVIL)
            assert answer.status_code == 421, path
            assert answer.json() == {"error": "invalid_request", "error_description": DETAIL}
            assert answer.headers["cache-control"] == "no-store"
        for method, path in OTHERS:
            answer = await house.http.request(method, path, headers=EVIL)
            assert (answer.status_code, answer.json()["detail"]) == (421, DETAIL), path
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "evil" not in f"{answer.text} {answer.headers}"


async def test_what_was_answered_under_our_name_is_not_under_another(house_with: House_with) -> None:
    """The doors in front hold ready answers by then."""
    async with house_with() as house:
        client = await house.add_client()
        token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
        for _ in range(2):
            assert await house.is_active(client, token)
        for path in ("/.well-known/jwks.json", "/health/live"):
            assert (await house.http.get(path)).status_code == 200
            assert (await house.http.get(path, headers=EVIL)).status_code == 421
        refused = await house.http.post(
            "/oauth2/introspect", data={"token": token}, auth=client.basic, headers=EVIL
        )
        assert refused.status_code == 421


async def test_balancers_ask_by_address_and_programs_by_names_that_were_set(house_with: House_with) -> None:
    async with house_with(allowed_hosts=("id.internal",)) as house:
        for path, host, status in (
            ("/health/live", "192.0.2.1:8000", 200),
            ("/health/ready", "[2001:db8::1]:8000", 200),
            ("/", "192.0.2.1:8000", 421),
            ("/", "id.internal:8000", 200),
            ("/", "other.internal:8000", 421),
            ("/", "localhost:1", 200),
        ):
            answer = await house.http.get(path, headers={"Host": host})
            assert answer.status_code == status, (path, host)


async def test_the_title_is_in_the_language_of_its_reader(small_house: House) -> None:
    answer = await small_house.http.get("/", headers={**EVIL, "Accept-Language": "de"})
    assert answer.json()["title"] == "Falscher Host"
