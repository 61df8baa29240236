"""Refresh tokens over HTTP: rotation, its grace, replay, and who may do it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.value_objects.secret import OpaqueKind, is_opaque_token
from tests.api_caller import on_sqlite
from tests.house import House, Registered, open_house, settings_for

pytestmark = pytest.mark.every_storage


@pytest.fixture
async def client(house: House) -> Registered:
    await house.add_user()
    return await house.add_client()


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A server whose refresh tokens have no grace."""
    settings = settings_for(tmp_path, database_url=database_url, refresh_reuse_grace_seconds=0)
    async with open_house(settings) as opened:
        yield opened


async def refresh(house: House, client: Registered, token: str, **form: Any) -> dict[str, Any]:
    answer = await house.token(client, grant_type="refresh_token", refresh_token=token, **form)
    return {"status": answer.status_code} | answer.json()


async def sql(house: House, statement: str) -> Any:
    async with house.container.database().engine.begin() as connection:
        return await connection.execute(text(statement))


async def events(house: House) -> list[str]:
    rows = await sql(house, "SELECT name FROM events ORDER BY id")
    return [row.name for row in rows]


async def close_the_grace(house: House) -> None:
    await sql(house, "UPDATE refresh_tokens SET grace_until = spent_at WHERE grace_until IS NOT NULL")


async def test_s3_a_refresh_token_has_the_form_that_scanners_know(house: House, client: Registered) -> None:
    tokens = await house.sign_in(client)

    assert tokens["refresh_token"].startswith("idr_")
    assert is_opaque_token(OpaqueKind.REFRESH_TOKEN, tokens["refresh_token"])


async def test_rfc6749_s6_a_refresh_gives_both_tokens_anew(house: House, client: Registered) -> None:
    first = await house.sign_in(client)

    second = await refresh(house, client, first["refresh_token"])

    assert second["status"] == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scope"] == "read write"
    assert await house.is_active(client, second["access_token"])
    assert await house.is_active(client, first["access_token"])


async def test_s4_rotation_never_extends_the_family(house: House, client: Registered) -> None:
    first = await house.sign_in(client)
    before = (await sql(house, "SELECT expires_at FROM families")).scalar()

    await refresh(house, client, first["refresh_token"])

    assert (await sql(house, "SELECT expires_at FROM families")).scalar() == before


async def test_s4_a_repetition_within_the_grace_gets_the_same_successor(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client)

    answers = [await refresh(house, client, first["refresh_token"]) for _ in range(3)]

    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert len({answer["access_token"] for answer in answers}) == 3
    assert (await events(house)).count("refresh_token.rotated") == 1
    assert (await events(house)).count("refresh_token.repeated") == 2


async def test_s4_a_repetition_answers_the_scope_of_its_own_request(house: House, client: Registered) -> None:
    first = await house.sign_in(client)

    wide = await refresh(house, client, first["refresh_token"])
    narrow = await refresh(house, client, first["refresh_token"], scope="read")

    assert (wide["scope"], narrow["scope"]) == ("read write", "read")
    assert narrow["refresh_token"] == wide["refresh_token"]


@pytest.mark.parametrize("callers", [2, 16])
async def test_attack_9_a_race_of_refreshes_yields_one_successor(
    house: House, client: Registered, callers: int
) -> None:
    first = await house.sign_in(client)

    answers = await asyncio.gather(*(refresh(house, client, first["refresh_token"]) for _ in range(callers)))

    assert {answer["status"] for answer in answers} == {200}
    assert len({answer["refresh_token"] for answer in answers}) == 1
    heads = await sql(house, "SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL")
    assert heads.scalar() == 1


async def test_attack_9_without_grace_a_race_has_one_winner_and_ends_the_family(strict: House) -> None:
    await strict.add_user()
    client = await strict.add_client()
    first = await strict.sign_in(client)

    answers = await asyncio.gather(*(refresh(strict, client, first["refresh_token"]) for _ in range(8)))

    winners = [answer for answer in answers if answer["status"] == 200]
    assert len(winners) == 1
    assert {a["error"] for a in answers if a["status"] != 200} == {"invalid_grant"}
    assert not await strict.is_active(client, winners[0]["access_token"])
    assert (await refresh(strict, client, winners[0]["refresh_token"]))["error"] == "invalid_grant"


async def test_attack_9_a_replay_after_the_grace_ends_the_family(house: House, client: Registered) -> None:
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    await close_the_grace(house)

    replay = await refresh(house, client, first["refresh_token"])

    assert (replay["status"], replay["error"]) == (400, "invalid_grant")
    assert not await house.is_active(client, first["access_token"])
    assert not await house.is_active(client, second["access_token"])
    assert (await refresh(house, client, second["refresh_token"]))["error"] == "invalid_grant"
    assert (await events(house)).count("family.ended") == 1


async def test_attack_11_a_grandparent_is_a_replay_even_within_its_grace(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    third = await refresh(house, client, second["refresh_token"])
    assert third["status"] == 200

    assert (await refresh(house, client, first["refresh_token"]))["error"] == "invalid_grant"
    assert not await house.is_active(client, third["access_token"])


async def test_attack_11_the_grace_does_not_honour_a_revoked_family(house: House, client: Registered) -> None:
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    await house.post("/oauth2/revoke", client, token=second["refresh_token"])

    assert (await refresh(house, client, first["refresh_token"]))["error"] == "invalid_grant"


@pytest.mark.parametrize("table", ["users", "clients"])
async def test_attack_11_the_grace_does_not_honour_a_raised_epoch(
    house: House, client: Registered, table: str
) -> None:
    first = await house.sign_in(client)
    await refresh(house, client, first["refresh_token"])
    await sql(house, f"UPDATE {table} SET epoch = epoch + 1")

    assert (await refresh(house, client, first["refresh_token"]))["error"] == "invalid_grant"


async def test_s4_the_grace_can_be_set_per_client(house: House) -> None:
    await house.add_user()
    client = await house.add_client(refresh_reuse_grace=0)
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])

    assert second["status"] == 200
    assert (await refresh(house, client, first["refresh_token"]))["error"] == "invalid_grant"
    assert not await house.is_active(client, second["access_token"])


async def test_attack_10_another_client_neither_spends_nor_ends_nor_learns(
    house: House, client: Registered
) -> None:
    other = await house.add_client()
    first = await house.sign_in(client)
    unknown = first["refresh_token"][:-4] + "AAAA"

    stolen = await refresh(house, other, first["refresh_token"])

    assert stolen == await refresh(house, other, unknown)
    assert stolen["error"] == "invalid_grant"
    assert (await refresh(house, client, first["refresh_token"]))["status"] == 200


async def test_attack_10_another_client_cannot_end_a_family_by_a_spent_token(
    house: House, client: Registered
) -> None:
    other = await house.add_client()
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    await close_the_grace(house)

    assert (await refresh(house, other, first["refresh_token"]))["error"] == "invalid_grant"
    assert await house.is_active(client, second["access_token"])


async def test_attack_10_a_confidential_client_has_to_authenticate(house: House, client: Registered) -> None:
    first = await house.sign_in(client)

    answer = await house.http.post(
        "/oauth2/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": first["refresh_token"],
            "client_id": client.id,
        },
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await refresh(house, client, first["refresh_token"]))["status"] == 200


async def test_attack_10_a_public_client_made_confidential_cannot_go_on_without_a_secret(
    house: House,
) -> None:
    await house.add_user()
    public = await house.add_client(public=True)
    first = await house.sign_in(public)
    await sql(house, "UPDATE clients SET token_endpoint_auth_method = 'client_secret_basic'")

    assert (await refresh(house, public, first["refresh_token"]))["error"] == "invalid_client"


async def test_a_public_client_rotates_by_naming_itself(house: House) -> None:
    await house.add_user()
    public = await house.add_client(public=True)
    first = await house.sign_in(public)

    assert (await refresh(house, public, first["refresh_token"]))["status"] == 200


async def test_attack_23_scope_narrows_for_one_token_and_not_for_the_family(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client)

    narrow = await refresh(house, client, first["refresh_token"], scope="read")
    wide = await refresh(house, client, narrow["refresh_token"])

    assert (narrow["scope"], wide["scope"]) == ("read", "read write")


async def test_attack_23_scope_never_grows_and_the_refusal_costs_nothing(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client, scope="read")

    wider = await refresh(house, client, first["refresh_token"], scope="read write")

    assert wider["error"] == "invalid_scope"
    assert (await refresh(house, client, first["refresh_token"]))["scope"] == "read"


async def test_attack_23_scope_taken_from_the_client_is_gone_at_the_next_refresh(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client)
    await sql(house, "UPDATE clients SET scope = 'read'")

    assert (await refresh(house, client, first["refresh_token"]))["scope"] == "read"


async def test_s3_a_client_without_the_refresh_grant_gets_no_refresh_token(house: House) -> None:
    await house.add_user()
    client = await house.add_client(grants=["password"])

    tokens = await house.sign_in(client)

    assert "refresh_token" not in tokens
    answer = await house.token(client, grant_type="refresh_token", refresh_token="idr_x")
    assert answer.json()["error"] == "unauthorized_client"


async def test_s4_a_token_and_the_database_yield_nothing_once_the_nonce_is_erased(
    house: House, client: Registered
) -> None:
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    await refresh(house, client, second["refresh_token"])

    rows = await sql(house, "SELECT nonce FROM refresh_tokens ORDER BY created_at")
    assert [row.nonce is None for row in rows].count(False) == 1


async def test_a_successor_under_another_master_key_is_refused_and_ends_nothing(
    house: House, client: Registered, database_url: str, tmp_path: Path
) -> None:
    first = await house.sign_in(client)
    second = await refresh(house, client, first["refresh_token"])
    elsewhere = settings_for(tmp_path, database_url=database_url, master_key="ff" * 32)

    async with open_house(elsewhere) as other:
        assert (await refresh(other, client, first["refresh_token"]))["error"] == "temporarily_unavailable"

    assert await house.is_active(client, second["access_token"])


@on_sqlite
@pytest.mark.parametrize(
    "token", ["", "idr_", "idr_" + "A" * 48, "x" * 10_000, "idr_é", "eyJhbGciOiJub25lIn0.e30."]
)
async def test_what_is_no_refresh_token_is_an_invalid_grant(
    house: House, client: Registered, token: str
) -> None:
    answer = await refresh(house, client, token)

    assert answer["error"] == ("invalid_grant" if token else "invalid_request")
