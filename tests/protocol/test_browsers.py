"""Which scripts may call which endpoints (Fetch standard, CORS protocol)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import httpx2
import pytest

from identity_service.infrastructure.config.settings import WrongSettings, load_settings
from tests.house import House

APP = "https://app.example"
OPEN_PATHS = {
    "/oauth2/token": "POST",
    "/oauth2/revoke": "POST",
    "/.well-known/jwks.json": "GET",
    "/.well-known/oauth-authorization-server": "GET",
}
CLOSED_PATHS = ("/oauth2/introspect", "/users", "/clients", "/", "/health/live", "/docs", "/nothing")
STRANGERS = (
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "null",
    "*",
    "",
)
CORS = "access-control-"


@pytest.fixture
async def house(
    house_with: Callable[..., AbstractAsyncContextManager[House]],
) -> AsyncIterator[House]:
    """A server that lets one origin in."""
    async with house_with(allowed_origins=(APP, "http://localhost:3000")) as opened:
        yield opened


async def preflight(house: House, path: str, origin: str) -> httpx2.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return await house.http.options(path, headers=headers)


def cors(answer: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith(CORS)}


async def test_a_page_of_an_allowed_origin_may_ask_before_it_calls(house: House) -> None:
    for path, method in OPEN_PATHS.items():
        for origin in (APP, "http://localhost:3000"):
            answer = await preflight(house, path, origin)
            assert (answer.status_code, answer.content) == (204, b"")
            assert answer.headers["access-control-allow-origin"] == origin
            assert answer.headers["access-control-allow-methods"] == method
            assert "authorization" in answer.headers["access-control-allow-headers"].lower()
            assert answer.headers["vary"] == "Origin"


async def test_a_page_of_an_allowed_origin_reads_the_answer_and_refusals(house: House) -> None:
    for path, method in OPEN_PATHS.items():
        answer = await house.http.request(method, path, headers={"Origin": APP})
        assert answer.headers["access-control-allow-origin"] == APP
        assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"


async def test_no_other_origin_is_let_in(house: House) -> None:
    for path, method in OPEN_PATHS.items():
        for origin in STRANGERS:
            asked = await preflight(house, path, origin)
            called = await house.http.request(method, path, headers={"Origin": origin})
            assert cors(asked) == cors(called) == {}


async def test_two_origins_at_once_are_nobodys(house: House) -> None:
    headers = [("Origin", APP), ("Origin", "https://evil.example")]

    assert cors(await house.http.post("/oauth2/token", headers=headers)) == {}


async def test_an_answer_to_no_origin_varies_too_so_that_no_cache_mixes_them_up(house: House) -> None:
    for path, method in OPEN_PATHS.items():
        assert (await house.http.request(method, path)).headers["vary"] == "Origin"


async def test_cookies_are_never_allowed(house: House) -> None:
    for path in OPEN_PATHS:
        assert "access-control-allow-credentials" not in (await preflight(house, path, APP)).headers


async def test_introspection_and_administration_are_no_business_of_browsers(house: House) -> None:
    for path in CLOSED_PATHS:
        for answer in (
            await preflight(house, path, APP),
            await house.http.get(path, headers={"Origin": APP}),
            await house.http.post(path, headers={"Origin": APP}),
        ):
            assert cors(answer) == {}
            assert "origin" not in answer.headers.get("vary", "").lower()


async def test_without_an_allow_list_nothing_is_shared_and_nothing_varies(small_house: House) -> None:
    for path, method in OPEN_PATHS.items():
        answer = await small_house.http.request(method, path, headers={"Origin": APP})
        assert cors(answer) == {}
        assert "vary" not in answer.headers


@pytest.mark.parametrize(
    "origins", ["*", "null", "https://app.example/", "https://App.example", "app.example", f"{APP} {APP}"]
)
def test_what_is_no_origin_stops_the_start(origins: str) -> None:
    with pytest.raises(WrongSettings, match="ALLOWED_ORIGINS"):
        load_settings(_env_file=None, allowed_origins=origins)


def test_origins_are_separated_by_commas() -> None:
    settings = load_settings(_env_file=None, allowed_origins=f"{APP}, http://[::1]:3000")

    assert settings.allowed_origins == (APP, "http://[::1]:3000")
