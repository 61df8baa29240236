"""What the port `Clients` promises, on every database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from identity_service.domain.entities.client import MOST_SECRETS, Client, ClientSecret
from identity_service.domain.value_objects.ids import ClientId
from identity_service.domain.value_objects.scope import Scope
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.clients import ClientQuery
from identity_service.ports.unit_of_work import Conflict
from tests.house import NOW, House, open_house, settings_for

CALLERS = 8


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """As many connections as there are callers: they shall meet in the database, not in the pool."""
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=CALLERS + 2)
    async with open_house(settings) as opened:
        yield opened


def a_secret(stored: str = "00") -> ClientSecret:
    return ClientSecret(id=new_id(), scheme="sha256", stored=stored, expires_at=None, created_at=NOW)


async def get(house: House, client_id: str) -> Client | None:
    async with house.container.read() as uow:
        return await uow.clients.get(client_id)


async def change(house: House, client_id: ClientId, members: dict[str, Any], **options: Any) -> Client | None:
    async with house.container.begin() as uow:
        stored = await uow.clients.change(client_id, members, **({"version": None} | options))
        await uow.commit()
    return stored


async def add_secret(house: House, client_id: ClientId, stored: str, **options: Any) -> Client | None:
    async with house.container.begin() as uow:
        changed = await uow.clients.add_secret(client_id, a_secret(stored), **options)
        await uow.commit()
    return changed


async def stored_secrets(house: House, client_id: str) -> set[str]:
    """What the usable secrets are kept as."""
    client = await get(house, client_id)
    assert client is not None
    return {secret.stored for secret in client.secrets}


async def test_a_client_is_read_back_as_it_was_added(house: House) -> None:
    added = await house.add_client(
        scope="write read",
        redirect_uris=("https://a.example/b?c=d", "https://a.example/a"),
        metadata={"contacts": ["alice@example.org"], "client_uri": "https://a.example"},
        resource_server=True,
        audiences=frozenset({"https://api.example", "urn:b"}),
        access_token_ttl=60,
        access_token_signed_response_alg="ES256",
    )

    found = await get(house, added.id)

    assert found == added.client
    assert found is not None
    assert found.redirect_uris == ("https://a.example/b?c=d", "https://a.example/a")
    assert str(found.scope) == "write read"
    assert found.audiences == {"https://api.example", "urn:b"}
    assert len(found.secrets) == 1


OPENID: dict[str, Any] = {
    "post_logout_redirect_uris": ("https://a.example/bye?x=y", "https://a.example/"),
    "backchannel_logout_uri": "https://a.example/back",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://a.example/front?x=y",
    "frontchannel_logout_session_required": True,
    "application_type": "native",
    "subject_type": "pairwise",
    "sector_identifier_uri": "https://sector.example/uris.json",
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "EdDSA",
    "default_max_age": 0,
    "require_auth_time": True,
    "default_acr_values": ("urn:b", "urn:a"),
    "first_party": True,
    "require_pkce": False,
    "jwks": {"keys": [{"kty": "EC", "kid": "é", "x5c": ["MIIB"]}]},
    "jwks_uri": "https://a.example/jwks.json",
    "token_endpoint_auth_signing_alg": "PS256",
    "request_uris": ("https://a.example/r#" + "A" * 43, "https://a.example/"),
    "request_object_signing_alg": "EdDSA",
    "require_signed_request_object": True,
    "rate_limit_tier": "gold",
}


async def test_what_openid_connect_registers_is_read_back_as_it_was_added(house: House) -> None:
    added = await house.add_client(**OPENID)

    found = await get(house, added.id)

    assert found == added.client
    assert {member: getattr(found, member) for member in OPENID} == OPENID


async def test_what_openid_connect_registers_is_changed_and_taken_away_again(house: House) -> None:
    plain = (await house.add_client()).client
    before = {member: getattr(plain, member) for member in OPENID}

    changed = await change(house, plain.client_id, OPENID)
    again = await change(house, plain.client_id, before)

    assert changed == replace(plain, **OPENID, version=2, updated_at=changed.updated_at if changed else NOW)
    assert again == replace(plain, version=3, updated_at=again.updated_at if again else NOW)


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        pytest.param("access_token_alg", {"access_token_signed_response_alg": "none"}, id="of access tokens"),
        pytest.param("id_token_alg", {"id_token_signed_response_alg": "none"}, id="of ID tokens"),
        pytest.param("userinfo_alg", {"userinfo_signed_response_alg": "HS256"}, id="of userinfo"),
        pytest.param("auth_signing_alg", {"token_endpoint_auth_signing_alg": "HS256"}, id="of assertions"),
        pytest.param("application_type", {"application_type": "desktop"}, id="no application type"),
        pytest.param("subject_type", {"subject_type": "secret"}, id="no subject type"),
        pytest.param("default_max_age", {"default_max_age": -1}, id="an age below nothing"),
    ],
)
async def test_a_value_that_means_nothing_here_is_not_kept(
    house: House, rule: str, members: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match=f"ck_clients_{rule}"):
        await house.add_client(**members)


@pytest.mark.parametrize("client_id", ["", "no\0body", "\ud800", "'; --", "x" * 10_000])
async def test_any_text_may_be_asked_for(house: House, client_id: str) -> None:
    await house.add_client()

    assert await get(house, client_id) is None


@pytest.mark.parametrize("client_name", ["no\0body", "\ud800"])
async def test_any_name_may_be_filtered_by(house: House, client_name: str) -> None:
    async with house.container.read() as uow:
        assert await uow.clients.page(ClientQuery(client_name=client_name)) == []


async def test_rfc9700_s4_15_a_users_id_is_no_client_id(house: House) -> None:
    user, client = await house.add_user(), await house.add_client()

    async with house.container.begin() as uow:
        with pytest.raises(Conflict) as refused:
            await uow.clients.add(replace(client.client, client_id=ClientId(user.id)))

    assert refused.value.member == "client_id"


async def test_of_clients_with_one_id_exactly_one_is_added(house: House) -> None:
    made = (await house.add_client()).client

    async def add() -> bool:
        async with house.container.begin() as uow:
            try:
                await uow.clients.add(replace(made, client_id=ClientId("shop"), secrets=(a_secret(),)))
            except Conflict:
                return False
            await uow.commit()
        return True

    assert sum(await asyncio.gather(*(add() for _ in range(CALLERS)))) == 1


async def test_a_change_sets_members_and_raises_the_version_only(house: House) -> None:
    client = (await house.add_client()).client

    changed = await change(house, client.client_id, {"scope": Scope.parse("read"), "client_name": "new"})

    assert changed is not None
    expected = replace(client, scope=Scope.parse("read"), client_name="new", version=2)
    assert changed == replace(expected, updated_at=changed.updated_at)


async def test_a_change_replaces_the_audiences_only_when_named(house: House) -> None:
    client = (await house.add_client(resource_server=True, audiences=frozenset({"https://a.example"}))).client

    renamed = await change(house, client.client_id, {"client_name": "new"})
    moved = await change(house, client.client_id, {"audiences": frozenset({"https://b.example"})})

    assert renamed is not None
    assert moved is not None
    assert renamed.audiences == {"https://a.example"}
    assert moved.audiences == {"https://b.example"}


async def test_of_changes_of_one_version_exactly_one_wins(house: House) -> None:
    client = (await house.add_client()).client

    outcomes = await asyncio.gather(
        *(change(house, client.client_id, {"client_name": f"number {n}"}, version=1) for n in range(CALLERS))
    )

    won = [outcome for outcome in outcomes if outcome is not None]
    assert len(won) == 1
    assert await get(house, client.client_id) == won[0]


async def test_a_new_secret_works_beside_the_one_before_it_while_they_overlap(house: House) -> None:
    client = (await house.add_client()).client
    old = client.secrets[0].stored

    changed = await add_secret(house, client.client_id, "11", overlap_seconds=60)

    assert changed is not None
    assert changed.epoch == 1
    assert await stored_secrets(house, client.client_id) == {old, "11"}


async def test_without_overlap_only_the_new_secret_is_left(house: House) -> None:
    client = (await house.add_client()).client

    changed = await add_secret(house, client.client_id, "11", overlap_seconds=0, raise_epoch=True)

    assert changed is not None
    assert changed.epoch == 2
    assert await stored_secrets(house, client.client_id) == {"11"}


async def test_a_further_secret_neither_lengthens_nor_ends_the_overlap_of_the_first(house: House) -> None:
    client = (await house.add_client()).client
    first = client.secrets[0].stored

    ends = []
    for stored, overlap in (("11", 60), ("22", 3600), ("33", 30)):
        changed = await add_secret(house, client.client_id, stored, overlap_seconds=overlap)
        assert changed is not None
        ends.append({secret.stored: secret.expires_at for secret in changed.secrets})

    assert ends[0][first] == ends[1][first] > ends[2][first]
    assert ends[1]["11"] > ends[1][first]
    assert [set(known) for known in ends[1:]] == [{first, "11", "22"}, {first, "11", "22", "33"}]
    assert await add_secret(house, client.client_id, "44", overlap_seconds=0) is not None
    assert await stored_secrets(house, client.client_id) == {"44"}


async def test_of_more_secrets_than_may_work_at_once_the_oldest_end(house: House) -> None:
    client = (await house.add_client()).client
    made = [f"{n:02}" for n in range(MOST_SECRETS + 1)]
    for stored in made:
        await add_secret(house, client.client_id, stored, overlap_seconds=60)

    assert await stored_secrets(house, client.client_id) == set(made[1:])


async def test_secrets_rotated_at_once_leave_as_many_as_may_work_at_once(house: House) -> None:
    client = (await house.add_client()).client
    candidates = [f"{n:02}" for n in range(CALLERS)]

    await asyncio.gather(
        *(add_secret(house, client.client_id, stored, overlap_seconds=60) for stored in candidates)
    )

    left = await stored_secrets(house, client.client_id)
    assert len(left) == MOST_SECRETS
    assert left <= set(candidates)


async def test_every_secret_can_be_ended(house: House) -> None:
    client = (await house.add_client()).client
    await add_secret(house, client.client_id, "11", overlap_seconds=60)

    async with house.container.begin() as uow:
        await uow.clients.end_secrets(client.client_id)
        await uow.commit()

    assert await stored_secrets(house, client.client_id) == set()


async def test_a_deleted_client_is_invisible_and_its_id_stays_taken(house: House) -> None:
    client = (await house.add_client()).client

    async def delete() -> bool:
        async with house.container.begin() as uow:
            done = await uow.clients.delete(client.client_id)
            await uow.commit()
        return bool(done)

    assert [await delete(), await delete()] == [True, False]
    assert await get(house, client.client_id) is None
    assert await change(house, client.client_id, {"client_name": "ghost"}) is None
    assert await add_secret(house, client.client_id, "11", overlap_seconds=0) is None
    async with house.container.begin() as uow:
        assert await uow.clients.page(ClientQuery()) == []
        with pytest.raises(Conflict):
            await uow.clients.add(replace(client, secrets=()))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("created_at", ["c", "a", "b"]),
        ("-created_at", ["b", "a", "c"]),
        ("client_name", ["a", "b", "c"]),
        ("-client_name", ["c", "b", "a"]),
    ],
)
async def test_pages_follow_each_other_in_the_order_asked_for(
    house: House, sort: str, order: list[str]
) -> None:
    for name in ("c", "a", "b"):
        client = (await house.add_client(client_name=name)).client
        await add_secret(house, client.client_id, f"of {name}", overlap_seconds=60)

    async def page(limit: int, after: tuple[str, str] | None = None) -> list[Client]:
        async with house.container.read() as uow:
            return list(await uow.clients.page(ClientQuery(sort=sort, limit=limit, after=after)))

    first = await page(2)
    last = first[-1]
    value = last.client_name if "client_name" in sort else last.created_at.isoformat()
    second = await page(2, (value, last.client_id))

    assert [client.client_name for client in first + second] == order
    assert all(len(client.secrets) == 2 for client in first + second)


async def test_filters_are_exact(house: House) -> None:
    await house.add_client(client_name="shop")
    await house.add_client(client_name="shop 2", active=False)

    async def names(**query: Any) -> list[str]:
        async with house.container.read() as uow:
            return [client.client_name for client in await uow.clients.page(ClientQuery(**query))]

    assert await names(client_name="shop") == ["shop"]
    assert await names(active=False) == ["shop 2"]
    assert await names(active=True, client_name="shop 2") == []
