"""PROTOCOL §3: each client's tokens are signed as it was registered, each algorithm with a key of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import text

from identity_service.adapters.jwt.jwk import generate_private_key, signing_key, to_pem
from identity_service.application.use_cases.keys.rotate_keys import KeyFromSettings, KeyRotation
from identity_service.domain.entities.signing_key import SIGNING_ALGORITHMS
from identity_service.domain.oauth.access_token import TYP
from identity_service.domain.services.key_rotation import Due
from identity_service.infrastructure.container import build
from identity_service.ports.tokens.key_ring import KeysUnavailable
from tests.api_caller import program
from tests.house import House, Registered

CHEAP = ("ES256", "EdDSA")  # their keys are made in no time
Houses = Callable[..., AbstractAsyncContextManager[House]]
# RFC 9864 prefers the name Ed25519; EdDSA is what relying parties know today.
in_spite_of_its_name = pytest.mark.filterwarnings("ignore:EdDSA is deprecated:joserfc.errors.SecurityWarning")


@pytest.fixture
async def house(house_with: Houses) -> AsyncIterator[House]:
    """Its own tokens are RS256, by the key from the settings; a client may have ES256 or EdDSA."""
    async with house_with(client_signing_algorithms=CHEAP) as opened:
        yield opened


async def registered(house: House, alg: str | None) -> Registered:
    return await house.add_client(access_token_signed_response_alg=alg)


async def token_of(house: House, client: Registered) -> str:
    answer = await house.token(client, grant_type="client_credentials")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def header(token: str) -> dict[str, Any]:
    """Its `alg`, `kid` and `typ`."""
    return dict(jws.extract_compact(token.encode()).headers())


async def key_set(house: House) -> list[dict[str, str]]:
    return list((await house.http.get("/.well-known/jwks.json")).json()["keys"])


async def keys_of(house: House, alg: str) -> dict[str, str]:
    """Status to kid."""
    views = await house.container.services().keys.list_keys()
    return {view.status: view.kid for view in views if view.alg == alg}


async def let_time_pass(house: House) -> None:
    """As if every key had been made and put to use long ago."""
    async with house.container.database().engine.begin() as connection:
        long_ago = "'2000-01-01 00:00:00.000000'"
        await connection.execute(text(f"UPDATE signing_keys SET created_at = {long_ago}"))
        await connection.execute(text(f"UPDATE signing_keys SET activated_at = {long_ago}"))


@in_spite_of_its_name
async def test_s3_each_algorithm_has_a_key_of_its_own_from_the_first_start_on(house_with: Houses) -> None:
    async with house_with(
        jwt_private_key=None, signing_algorithm="PS256", client_signing_algorithms=SIGNING_ALGORITHMS
    ) as house:
        keys = await key_set(house)
        clients = {alg: await registered(house, alg) for alg in (*SIGNING_ALGORITHMS, None)}
        tokens = {alg: await token_of(house, client) for alg, client in clients.items()}

        assert sorted(key["alg"] for key in keys) == sorted(SIGNING_ALGORITHMS)
        assert len({key.get("n", key["kid"]) for key in keys}) == len(SIGNING_ALGORITHMS)
        assert header(tokens[None])["alg"] == "PS256"
        kids = {key["alg"]: key["kid"] for key in keys}
        for alg in SIGNING_ALGORITHMS:
            assert header(tokens[alg]) == {"alg": alg, "kid": kids[alg], "typ": TYP}
            assert jws.deserialize_compact(
                tokens[alg], KeySet.import_key_set({"keys": keys}), algorithms=[alg]
            )
            assert await house.is_active(clients[alg], tokens[alg])


async def test_a_person_s_tokens_are_signed_as_their_client_has_it_also_after_a_refresh(house: House) -> None:
    await house.add_user()
    client = await registered(house, "ES256")

    first = await house.sign_in(client)
    second = (
        await house.token(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    ).json()

    assert [header(each["access_token"])["alg"] for each in (first, second)] == ["ES256", "ES256"]
    assert await house.is_active(client, second["access_token"])


async def test_a_changed_algorithm_counts_from_the_next_token_on_and_ends_no_other(house: House) -> None:
    admin = await program(house)
    client = await registered(house, None)
    before = await token_of(house, client)

    members = {"access_token_signed_response_alg": "EdDSA"}
    changed = await admin("PATCH", f"/clients/{client.id}", json=members)

    after = await token_of(house, client)
    assert changed.json()["access_token_signed_response_alg"] == "EdDSA"
    assert [header(token)["alg"] for token in (before, after)] == ["RS256", "EdDSA"]
    assert await house.is_active(client, before)
    assert await house.is_active(client, after)


async def test_a_client_is_registered_with_what_the_server_offers_and_nothing_else(house: House) -> None:
    admin = await program(house)
    new = {"client_name": "Shop", "grant_types": ["client_credentials"]}

    made = await admin("POST", "/clients", json=new | {"access_token_signed_response_alg": "ES256"})
    refused = await admin("POST", "/clients", json=new | {"access_token_signed_response_alg": "PS256"})

    assert (made.status_code, made.json()["access_token_signed_response_alg"]) == (201, "ES256")
    assert refused.status_code == 422
    [fault] = refused.json()["errors"]
    assert "access_token_signed_response_alg" in str(fault)
    assert "RS256, ES256, EdDSA" in str(fault)


async def test_without_a_key_of_its_algorithm_a_client_is_told_to_come_again_and_loses_nothing(
    house: House,
) -> None:
    await house.add_user()
    client = await registered(house, "ES256")
    family = await house.sign_in(client)
    async with house.container.begin() as uow:
        await uow.clients.change(
            client.client.client_id, {"access_token_signed_response_alg": "PS256"}, version=None
        )
        await uow.commit()

    answer = await house.token(client, grant_type="refresh_token", refresh_token=family["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert await house.is_active(client, family["refresh_token"])


async def test_s3_each_algorithm_is_rotated_by_itself_and_the_key_from_the_settings_is_not(
    house: House,
) -> None:
    rotate = house.container.services().keys.rotate_keys
    client = await registered(house, "ES256")
    token = await token_of(house, client)
    old, other = await keys_of(house, "ES256"), await keys_of(house, "EdDSA")

    rotated = await rotate(KeyRotation(by="cli", alg="ES256", now=True))

    assert await keys_of(house, "ES256") == {"current": rotated.key.kid, "retired": old["current"]}
    assert await keys_of(house, "EdDSA") == other
    await house.container.load_keys()()
    assert header(await token_of(house, client))["kid"] == rotated.key.kid
    assert await house.is_active(client, token)
    for alg in (None, "RS256"):
        with pytest.raises(KeyFromSettings, match="the RS256 key comes from JWT_PRIVATE_KEY"):
            await rotate(KeyRotation(by="cli", alg=alg, now=True))


async def test_s3_a_leaked_key_takes_the_tokens_of_its_own_algorithm_with_it_and_no_others(
    house: House,
) -> None:
    one, other = await registered(house, "ES256"), await registered(house, "EdDSA")
    lost, kept = await token_of(house, one), await token_of(house, other)

    await house.container.services().keys.rotate_keys(KeyRotation(by="cli", alg="ES256", distrust=True))
    await house.container.load_keys()()
    house.container.hearing.endings().keys_read()

    assert not await house.is_active(one, lost)
    assert await house.is_active(other, kept)


async def test_s3_the_schedule_looks_after_every_algorithm(house: House) -> None:
    schedule = house.container.keys().schedule
    assert await schedule() == {}

    await let_time_pass(house)
    assert await schedule() == {"ES256": Due.PUBLISH, "EdDSA": Due.PUBLISH}
    await let_time_pass(house)
    assert await schedule() == {"ES256": Due.PROMOTE, "EdDSA": Due.PROMOTE}
    assert await schedule() == {}

    assert set(await keys_of(house, "ES256")) == set(await keys_of(house, "EdDSA")) == {"current", "retired"}


async def test_s3_a_server_can_bring_a_key_of_another_type_for_its_own_algorithm(house_with: Houses) -> None:
    pair = generate_private_key("EdDSA")
    async with house_with(
        jwt_private_key=to_pem(pair), signing_algorithm="EdDSA", client_signing_algorithms=CHEAP
    ) as house:
        client = await registered(house, None)
        token = await token_of(house, client)

        assert header(token) == {"alg": "EdDSA", "kid": signing_key(pair).kid, "typ": TYP}
        assert await house.is_active(client, token)


async def test_the_query_side_verifies_every_algorithm_and_signs_none(house: House) -> None:
    clients = {alg: await registered(house, alg) for alg in CHEAP}
    tokens = {alg: await token_of(house, client) for alg, client in clients.items()}
    settings = house.container.settings().model_copy(update={"jwt_private_key": None})
    query = build(settings, side="query")
    await query.signing_keys.load_public()()
    ring = query.key_ring()

    for alg, token in tokens.items():
        assert ring.verify(token, typ=TYP)["client_id"] == clients[alg].id
        with pytest.raises(KeysUnavailable):
            ring.sign({}, typ=TYP, alg=alg)
    await query.hashing_pool().close()
    await query.database().close()
