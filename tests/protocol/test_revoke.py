"""Revocation (RFC 7009): what ends with what, and whose tokens a client can end."""

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.entities.user import User
from tests.api_caller import on_sqlite
from tests.house import House, Registered, open_house, settings_for


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add_user()


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


async def revoke(house: House, client: Registered | None, token: str, **form: Any) -> None:
    answer = await house.post("/oauth2/revoke", client, token=token, **form)
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def ended(house: House) -> list[str]:
    async with house.container.database().engine.connect() as connection:
        rows = await connection.execute(text("SELECT tag FROM endings ORDER BY sequence"))
        return [row.tag.partition(":")[0] for row in rows]


async def test_s5_revoking_an_access_token_ends_that_token_alone(
    house: House, client: Registered, alice: User
) -> None:
    tokens, others = await house.sign_in(client), await house.sign_in(client)

    await revoke(house, client, tokens["access_token"])

    assert not await house.is_active(client, tokens["access_token"])
    assert await house.is_active(client, tokens["refresh_token"])
    assert await house.is_active(client, others["access_token"])
    assert await ended(house) == ["jti"]


async def test_attack_12_revoking_a_refresh_token_ends_every_access_token_of_its_family(
    house: House, client: Registered, alice: User
) -> None:
    first = await house.sign_in(client)
    second = (
        await house.token(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    ).json()
    other_family = await house.sign_in(client)

    await revoke(house, client, second["refresh_token"])

    for token in (*(t["access_token"] for t in (first, second)), second["refresh_token"]):
        assert not await house.is_active(client, token)
    assert await house.is_active(client, other_family["access_token"])
    assert await ended(house) == ["family"]


async def test_s5_a_spent_refresh_token_ends_its_family_too(
    house: House, client: Registered, alice: User
) -> None:
    first = await house.sign_in(client)
    second = (
        await house.token(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    ).json()

    await revoke(house, client, first["refresh_token"])

    assert not await house.is_active(client, second["access_token"])


async def test_attack_12_one_client_cannot_end_the_tokens_of_another(
    house: House, client: Registered, alice: User
) -> None:
    other = await house.add_client()
    tokens = await house.sign_in(client)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        await revoke(house, other, token)

    assert await house.is_active(client, tokens["access_token"])
    assert await house.is_active(client, tokens["refresh_token"])
    assert await ended(house) == []


async def test_attack_13_the_token_of_a_client_itself_can_be_revoked(
    house: House, client: Registered
) -> None:
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    await revoke(house, client, token)

    assert not await house.is_active(client, token)


async def test_s5_a_public_client_revokes_by_naming_itself(house: House, alice: User) -> None:
    public, watcher = await house.add_client(public=True), await house.add_client()
    tokens = await house.sign_in(public)

    await revoke(house, public, tokens["refresh_token"])

    again = await house.token(public, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again.json()["error"] == "invalid_grant"
    assert watcher.secret


async def test_s5_a_public_client_cannot_revoke_what_a_confidential_one_holds(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)

    answer = await house.http.post(
        "/oauth2/revoke", data={"token": tokens["refresh_token"], "client_id": client.id}
    )

    assert answer.status_code == 401
    assert await house.is_active(client, tokens["refresh_token"])


@on_sqlite
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
async def test_rfc7009_s2_1_a_wrong_hint_changes_nothing(
    house: House, client: Registered, alice: User, hint: str
) -> None:
    tokens = await house.sign_in(client)

    await revoke(house, client, tokens["refresh_token"], token_type_hint=hint)

    assert not await house.is_active(client, tokens["access_token"])


@on_sqlite
@pytest.mark.parametrize("token", ["x", "idr_" + "A" * 48, "a.b.c", "é", "0" * 60_000])
async def test_rfc7009_s2_2_an_unknown_token_is_no_error(
    house: House, client: Registered, token: str
) -> None:
    await revoke(house, client, token)

    assert await ended(house) == []


async def test_rfc7009_s2_1_revoking_twice_is_no_error_and_one_event(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)

    for token in (
        tokens["access_token"],
        tokens["access_token"],
        tokens["refresh_token"],
        tokens["refresh_token"],
    ):
        await revoke(house, client, token)

    assert await ended(house) == ["jti", "family"]


async def test_rfc7009_s2_1_the_client_authenticates_and_names_a_token(
    house: House, client: Registered
) -> None:
    nobody = await house.http.post("/oauth2/revoke", data={"token": "x"})
    nothing = await house.post("/oauth2/revoke", client)

    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")


async def test_attack_38_a_token_that_has_run_out_by_a_clock_ahead_is_revoked_all_the_same(
    house: House, client: Registered, database_url: str, tmp_path: Path
) -> None:
    """The node that is asked is a minute ahead of the others, where the token still lives."""
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    settings = settings_for(tmp_path, database_url=database_url)

    async with open_house(settings, clock=lambda: time.time() + 930) as ahead:
        await revoke(ahead, client, token)

    assert await ended(house) == ["jti"]
