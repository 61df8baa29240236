"""Introspection (RFC 7662): who may ask, what is told, and when a token is no longer alive."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.entities.user import User
from tests.api_caller import on_sqlite
from tests.house import ISSUER, House, Registered, open_house, settings_for

API = "https://api.example"


@pytest.fixture
async def alice(house: House) -> User:
    return await house.add_user()


@pytest.fixture
async def client(house: House) -> Registered:
    return await house.add_client()


async def sql(house: House, statement: str) -> Any:
    async with house.container.database().engine.begin() as connection:
        return await connection.execute(text(statement))


async def test_rfc7662_s2_2_an_access_token_of_a_person(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)

    told = await house.introspect(client, tokens["access_token"])

    assert set(told) == {
        *("active", "scope", "client_id", "username", "sub", "aud", "iss", "exp", "iat", "jti", "token_type")
    }
    assert (told["active"], told["username"], told["sub"]) == (True, "alice", alice.id)
    assert (told["client_id"], told["scope"], told["token_type"]) == (client.id, "read write", "Bearer")
    assert (told["iss"], told["aud"]) == (ISSUER, ISSUER)
    assert told["exp"] - told["iat"] == 900


async def test_rfc7662_s2_2_a_token_of_a_client_has_no_username(house: House, client: Registered) -> None:
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    told = await house.introspect(client, token)

    assert told["sub"] == client.id
    assert "username" not in told


async def test_s5_a_refresh_token_is_active_to_its_own_client_only(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)
    resource_server = await house.add_client(resource_server=True, audiences=frozenset({ISSUER}))

    told = await house.introspect(client, tokens["refresh_token"])

    assert (told["active"], told["client_id"], told["sub"]) == (True, client.id, alice.id)
    assert told["exp"] - told["iat"] == 2_592_000
    assert await house.introspect(resource_server, tokens["refresh_token"]) == {"active": False}


async def test_s4_a_spent_refresh_token_is_inactive_also_within_the_grace(
    house: House, client: Registered, alice: User
) -> None:
    tokens = await house.sign_in(client)
    await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert await house.introspect(client, tokens["refresh_token"]) == {"active": False}


@on_sqlite
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", ""])
async def test_s5_a_wrong_hint_changes_no_answer(
    house: House, client: Registered, alice: User, hint: str
) -> None:
    tokens = await house.sign_in(client)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await house.introspect(client, token, token_type_hint=hint))["active"] is True


@on_sqlite
async def test_attack_14_nobody_introspects_without_authenticating(
    house: House, client: Registered, alice: User
) -> None:
    token = (await house.sign_in(client))["access_token"]

    answer = await house.http.post("/oauth2/introspect", data={"token": token})

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "www-authenticate" in answer.headers


async def test_attack_14_a_public_client_introspects_nothing(house: House, alice: User) -> None:
    public = await house.add_client(public=True)
    token = (await house.sign_in(public))["access_token"]

    answer = await house.post("/oauth2/introspect", public, token=token)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_attack_14_another_client_is_told_nothing(
    house: House, client: Registered, alice: User
) -> None:
    other = await house.add_client()
    tokens = await house.sign_in(client)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert await house.introspect(other, token) == {"active": False}


async def test_s5_a_resource_server_sees_tokens_for_its_audiences_only(
    house: House, client: Registered, alice: User
) -> None:
    api = await house.add_client(resource_server=True, audiences=frozenset({API}))
    meant_for_api = (await house.sign_in(client, resource=API))["access_token"]
    meant_for_us = (await house.sign_in(client))["access_token"]

    assert (await house.introspect(api, meant_for_api))["aud"] == API
    assert await house.introspect(api, meant_for_us) == {"active": False}


async def test_s5_an_audience_alone_makes_no_resource_server(
    house: House, client: Registered, alice: User
) -> None:
    api = await house.add_client(resource_server=False, audiences=frozenset({API}))
    token = (await house.sign_in(client, resource=API))["access_token"]

    assert await house.introspect(api, token) == {"active": False}


@on_sqlite
async def test_rfc7662_s2_1_the_token_is_needed(house: House, client: Registered) -> None:
    answer = await house.post("/oauth2/introspect", client)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


ENDINGS = {
    "the user is deactivated": "UPDATE users SET active = false",
    "the user is deleted": "UPDATE users SET deleted_at = created_at",
    "the user's epoch is raised": "UPDATE users SET epoch = epoch + 1",
    "the client's epoch is raised": "UPDATE clients SET epoch = epoch + 1 WHERE client_name = 'issuing'",
    "the client is deactivated": "UPDATE clients SET active = false WHERE client_name = 'issuing'",
    "the client is deleted": "UPDATE clients SET deleted_at = created_at WHERE client_name = 'issuing'",
    "the server's epoch is raised": "UPDATE server_state SET epoch = epoch + 1",
    "the family is ended": "UPDATE families SET ended_at = created_at, ended_reason = 'revoked'",
    "the family is gone": "DELETE FROM families",
    "the user is gone": "DELETE FROM users",
}


@pytest.mark.parametrize("statement", ENDINGS.values(), ids=ENDINGS.keys())
async def test_attack_13_31_a_token_is_dead_once(house: House, alice: User, statement: str) -> None:
    issuing = await house.add_client(client_name="issuing")
    asking = await house.add_client(resource_server=True, audiences=frozenset({ISSUER}))
    token = (await house.sign_in(issuing))["access_token"]
    await sql(house, statement)

    assert await house.introspect(asking, token) == {"active": False}


async def test_attack_31_reactivation_revives_nothing(house: House, client: Registered, alice: User) -> None:
    tokens = await house.sign_in(client)
    async with house.container.begin() as uow:
        await uow.users.change(alice.id, {"active": False}, version=None, raise_epoch=True)
        await uow.users.change(alice.id, {"active": True}, version=None)
        await uow.commit()

    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])
    assert await house.is_active(client, (await house.sign_in(client))["access_token"])


async def test_attack_31_reactivation_of_a_client_revives_nothing(
    house: House, client: Registered, alice: User
) -> None:
    tokens, own = await house.sign_in(client), await house.token(client, grant_type="client_credentials")
    async with house.container.begin() as uow:
        await uow.clients.change(client.client.client_id, {"active": False}, version=None, raise_epoch=True)
        await uow.clients.change(client.client.client_id, {"active": True}, version=None)
        await uow.commit()

    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])
    assert not await house.is_active(client, own.json()["access_token"])
    assert await house.is_active(client, (await house.sign_in(client))["access_token"])


@on_sqlite
@pytest.mark.parametrize(
    "token",
    ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "idr_" + "A" * 48, "ids_" + "A" * 48, "é" * 100, "0" * 60_000],
)
async def test_what_is_no_token_is_inactive(house: House, client: Registered, token: str) -> None:
    assert await house.introspect(client, token) == {"active": False}


@pytest.fixture
async def later(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, list[float]]]:
    """A server whose clock the test moves."""
    settings = settings_for(tmp_path, database_url=database_url)
    now = [1_800_000_000.0]
    async with open_house(settings, clock=lambda: now[0]) as opened:
        yield opened, now


@on_sqlite
@pytest.mark.parametrize(
    ("seconds", "alive"), [(0, True), (899.9, True), (900, False), (901, False), (-60, True)]
)
async def test_attack_38_a_token_lives_to_the_second_before_exp(
    later: tuple[House, list[float]], seconds: float, alive: bool
) -> None:
    """A node whose clock is a minute behind still takes a token: `iat` is no reason to refuse."""
    house, now = later
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    now[0] += seconds

    assert await house.is_active(client, token) is alive


@on_sqlite
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": -1},
        {"exp": 2**70},
        {"exp": True},
        {"exp": None},
        {"iat": "now"},
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": []},
        {"aud": 5},
        {"sub": 5},
        {"epochs": [1, 1]},
        {"epochs": [1, 1, "1"]},
        {"epochs": "111"},
        {"scope": 'a"b'},
        {"jti": None},
        {"client_id": ["x"]},
        {"fid": "no identifier"},
        {"sub": "no identifier", "epochs": [1, 1, 1]},
    ],
    ids=str,
)
async def test_attack_38_a_token_with_claims_we_never_write_is_inactive(
    house: House, client: Registered, claims: dict[str, Any]
) -> None:
    """Signed with our own key, and one claim changed."""
    from identity_service.domain.entities.token import AccessClaims, Epochs
    from identity_service.domain.oauth.access_token import TYP, to_claims
    from identity_service.domain.value_objects.scope import Scope

    good = to_claims(
        AccessClaims(
            iss=ISSUER,
            sub=client.id,
            aud=(ISSUER,),
            exp=4_000_000_000,
            iat=1,
            jti="j",
            client_id=client.client.client_id,
            scope=Scope.parse("read"),
            epochs=Epochs(1, 0, 1),
            user_id=None,
        )
    )
    ring = house.container.key_ring()

    assert await house.is_active(client, ring.sign(good, typ=TYP, alg="RS256"))
    try:
        changed = ring.sign(good | claims, typ=TYP, alg="RS256")
    except (TypeError, ValueError, OverflowError):
        return  # such a number cannot even be signed
    assert not await house.is_active(client, changed)


@on_sqlite
@pytest.mark.parametrize("typ", ["JWT", "id_token", "logout+jwt", "client-authentication+jwt", "at+jwt2"])
async def test_attack_19_a_token_of_another_kind_is_no_access_token(
    house: House, client: Registered, typ: str
) -> None:
    ring = house.container.key_ring()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    claims = ring.verify(token, typ="at+jwt")

    assert await house.is_active(client, ring.sign(claims, typ="at+jwt", alg="RS256"))
    assert not await house.is_active(client, ring.sign(claims, typ=typ, alg="RS256"))
