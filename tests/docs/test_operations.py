"""What the operations page tells operators to do has the effect that it says."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.docs.pages import blocks
from tests.house import House, Registered, open_house, settings_for


@pytest.fixture
async def signed_in(house: House) -> tuple[Registered, list[str]]:
    """A client, and its tokens: those of a person and one of its own."""
    await house.add_user()
    client = await house.add_client()
    tokens = await house.sign_in(client)
    own = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    return client, [tokens["access_token"], tokens["refresh_token"], own]


async def run_on(house: House, statement: str) -> None:
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text(statement))


async def test_after_a_restore_every_token_from_before_is_dead_and_people_sign_in_again(
    house: House, signed_in: tuple[Registered, list[str]], database_url: str, tmp_path: Path
) -> None:
    client, tokens = signed_in
    (block,) = [
        block for block in blocks("docs/operations.md", "sql") if "after-a-restore" in block.attributes
    ]
    assert [await house.is_active(client, token) for token in tokens] == [True, True, True]

    await run_on(house, block.text)

    async with open_house(settings_for(tmp_path, database_url=database_url)) as started:
        assert [await started.is_active(client, token) for token in tokens] == [False, False, False]
        again = await started.sign_in(client)
        assert await started.is_active(client, again["access_token"])
