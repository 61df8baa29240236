"""A server without one check is still a server: run with each patch, so that a broken one is not taken for caught."""

import pytest

from tests.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_token_is_given_told_of_refreshed_and_revoked(shared_house: House) -> None:
    client = await shared_house.add_client()
    tokens = await shared_house.sign_in(client)
    assert await shared_house.is_active(client, tokens["access_token"])

    refreshed = await shared_house.token(
        client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert refreshed.status_code == 200
    revoked = await shared_house.post("/oauth2/revoke", client, token=refreshed.json()["refresh_token"])
    assert revoked.status_code == 200
