"""Two applications with different settings live in one process and know nothing of each other."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from identity_service.main import create_app
from tests.house import House, settings_for

Open = Callable[..., AbstractAsyncContextManager[House]]
ONE, OTHER = "https://one.example", "https://other.example"


async def test_each_has_its_own_issuer_keys_clients_and_life_times(house_with: Open) -> None:
    async with (
        house_with(issuer=ONE, access_token_ttl_seconds=60) as one,
        house_with(issuer=OTHER, access_token_ttl_seconds=120, jwt_private_key=None) as other,
    ):
        for house, issuer, seconds, stranger in ((one, ONE, 60, other), (other, OTHER, 120, one)):
            client, resource = await house.add_client(), await stranger.add_client()
            answer = (await house.token(client, grant_type="client_credentials")).json()

            assert answer["expires_in"] == seconds
            assert (await house.introspect(client, answer["access_token"]))["iss"] == issuer
            assert not await stranger.is_active(resource, answer["access_token"])
            assert (await stranger.token(client, grant_type="client_credentials")).status_code == 401
        sets = [(await house.http.get("/.well-known/jwks.json")).json() for house in (one, other)]
        assert sets[0] != sets[1]


async def test_each_has_its_own_switches(house_with: Open) -> None:
    async with (
        house_with(docs=True, allowed_origins=(ONE,)) as open_one,
        house_with(docs=False, allowed_origins=(OTHER,)) as closed,
    ):
        for house, docs, origin in ((open_one, 200, ONE), (closed, 404, OTHER)):
            assert (await house.http.get("/docs")).status_code == docs
            answer = await house.http.post("/oauth2/token", headers={"Origin": ONE})
            assert (answer.headers.get("access-control-allow-origin") == ONE) is (origin == ONE)


async def test_closing_one_leaves_the_other_at_work(house_with: Open) -> None:
    async with house_with() as staying:
        async with house_with() as leaving:
            await leaving.add_client()
        client = await staying.add_client()

        assert (await staying.token(client, grant_type="client_credentials")).status_code == 200


def test_create_app_shares_nothing_between_two(tmp_path: Path) -> None:
    one, other = (
        create_app(settings_for(tmp_path / name, issuer=url)) for name, url in (("a", ONE), ("b", OTHER))
    )

    assert one.state.site.issuer == ONE
    assert other.state.site.issuer == OTHER
    assert one.state.services is not other.state.services
    assert one.state.services.oauth2.issue_token is not other.state.services.oauth2.issue_token
