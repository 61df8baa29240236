"""What the operations page tells operators to do has the effect that it says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


async def test_after_a_restore_every_token_from_before_is_dead_and_people_sign_in_again(
    house: House, signed_in: tuple[Registered, list[str]], database_url: str, tmp_path: Path
) -> None:
    client, tokens = signed_in
    (block,) = [
        block for block in blocks("docs/operations.md", "sh") if "after-a-restore" in block.attributes
    ]
    words = block.text.split()
    assert words.pop(0) == "identity-service"
    assert [await house.is_active(client, token) for token in tokens] == [True, True, True]

    environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "MASTER_KEY": "00" * 32}
    subprocess.run(
        [sys.executable, "-m", "identity_service.cli", *words], env=os.environ | environment, check=True
    )

    async with open_house(settings_for(tmp_path, database_url=database_url)) as started:
        assert [await started.is_active(client, token) for token in tokens] == [False, False, False]
        again = await started.sign_in(client)
        assert await started.is_active(client, again["access_token"])
