"""Tables stay bounded: a purge leaves what must stay, and nothing else."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from time import time
from typing import Any

import pytest
from sqlalchemy import func, select, text

from identity_service.adapters.sql.schema import metadata
from identity_service.adapters.sql.schema.tokens import refresh_tokens
from identity_service.application.use_cases.keys.rotate_keys import KeyRotation
from identity_service.application.use_cases.system.purge import TOKENS_KEPT, EraseNonces, Purge, Retention
from identity_service.domain.entities.event import SignInFailed, UserDeleted
from identity_service.domain.entities.signing_key import SigningKey
from identity_service.ports.repositories.expired import Expired
from tests.ageing import A_DAY, age
from tests.house import NOW, House, open_house, settings_for
from tests.registrant import initial_access_token
from tests.visitor import app_of, visitor_of

YEARS = 1000 * A_DAY
REFRESH_LIFE = 3600


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Short-lived families; nothing is purged but by the test."""
    settings = settings_for(
        tmp_path,
        database_url=database_url,
        jwt_private_key=None,
        refresh_token_ttl_seconds=REFRESH_LIFE,
        purge_interval_seconds=0,
        audit_token_issue="on",
    )
    async with open_house(settings) as opened:
        yield opened


async def pass_by(house: House, seconds: int) -> None:
    await age(house.container.database(), seconds)


async def rows(house: House) -> dict[str, int]:
    """How many rows each table has, empty ones left out."""
    counted = {}
    async with house.container.database().engine.connect() as connection:
        for table in metadata.sorted_tables:
            count = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            if count and table.name != "leases":
                counted[table.name] = count
    return counted


async def sign(house: House) -> None:
    """All events are chained, and under a checkpoint."""
    audit = house.container.audit
    async with asyncio.timeout(
        60
    ):  # other tests share the server: their transactions, too, decide what is ripe
        while await waiting(house):
            await audit.chain_events()()
            await asyncio.sleep(0.01)
    await audit.make_checkpoint()()


async def waiting(house: House) -> int:
    """Events that are not chained."""
    async with house.container.read() as uow:
        return int((await uow.audit_log.lag()).waiting)


def purging(house: House, kept: Retention, batch: int = 500) -> Purge:
    """A purge of the test's own."""
    return Purge(
        begin=house.container.begin,
        retention=kept,
        remove_entries=house.container.audit.remove_entries(),
        batch=batch,
    )


async def purge(house: House, batch: int = 500, **retention: int) -> Counter[Expired]:
    kept = Retention(**({"events": 400, "deleted": 30} | retention))
    counts: Counter[Expired] = Counter()
    await sign(house)
    async for batch_done in purging(house, kept, batch)():
        counts[batch_done.kind] += batch_done.rows
    return +counts


async def live_through_everything(house: House) -> None:
    """Tokens of every kind, some revoked, replayed or left behind; keys rotated; people and clients deleted."""
    client, doomed = await house.add_client(), await house.add_client()
    await house.add_user("alice")
    bob = await house.add_user("bob")
    for username, owner in (("alice", client), ("bob", client), ("alice", doomed)):
        tokens = await house.sign_in(owner, username)
        for _ in range(5):
            answer = await house.token(
                owner, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
            )
            tokens = answer.json()
    revoked = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    await house.post("/oauth2/revoke", client, token=revoked)
    await house.post("/oauth2/revoke", client, token=(await house.sign_in(client))["refresh_token"])
    await house.token(client, grant_type="password", username="alice", password="wrong")
    async with visitor_of(house) as visitor:
        app = await app_of(house, backchannel_logout_uri="https://app.example/back")
        await visitor.get("/oauth2/logout", id_token_hint=(await visitor.tokens(app))["id_token"])
        await visitor.tokens(app)
        await visitor.ask(app, prompt="login")  # which is left alone
    async with house.container.begin() as uow:
        await uow.spent_jtis.spend(b"an assertion", until=int(time()))
        await uow.logos.want(client.client.client_id, "https://localhost/logo.png")
        await uow.registration_access_tokens.keep(client.client.client_id, b"its own")
        await uow.commit()
    await initial_access_token(house)
    await house.container.services().keys.rotate_keys(KeyRotation(by="cli", now=True))
    async with house.container.begin() as uow:
        await uow.users.delete(bob.id)
        await uow.clients.delete(doomed.client.client_id)
        await uow.clients.add_secret(
            client.client.client_id,
            doomed.client.secrets[0].__class__(
                id=doomed.client.secrets[0].id.replace("0", "1", 1),
                scheme="sha256",
                stored="00",
                expires_at=None,
                created_at=NOW,
            ),
            overlap_seconds=60,
        )
        uow.events.add(UserDeleted(by="cli", user_id=bob.id))
        uow.events.add(SignInFailed(by="x", reason="deleted", client_id="x", user_id=bob.id, username="bob"))
        await uow.commit()


async def test_after_years_only_accounts_clients_keys_and_names_that_are_taken_are_left(house: House) -> None:
    await live_through_everything(house)
    await sign(house)
    before = await rows(house)
    assert set(before) == {table.name for table in metadata.sorted_tables} - {
        "leases", "audiences", "audience_introspectors",
    }  # fmt: skip
    await pass_by(house, YEARS)

    await purge(house)

    assert await rows(house) == {
        "server_state": 1,
        "principals": 5,
        "users": 1,
        "consents": 1,
        "clients": 2,
        "client_logos": 1,
        "client_secrets": 2,
        "registration_access_tokens": 1,
        "signing_keys": 1,
        "data_keys": 2,
        "subject_salts": 1,
        "audit_head": 1,
        "audit_keys": 2,
        "audit_statements": 2,
        "events": 1,  # which says that the others were removed
    }


async def test_a_purge_of_what_is_fresh_deletes_nothing(house: House) -> None:
    await live_through_everything(house)
    await sign(house)
    before = await rows(house)

    assert await purge(house) == Counter()
    assert await rows(house) == before


async def test_life_after_a_purge_goes_on(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    tokens = await house.sign_in(client)
    await pass_by(house, REFRESH_LIFE - 60)
    await purge(house)

    answer = await house.token(client, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert answer.status_code == 200


async def test_a_replay_is_recognised_as_long_as_the_family_lives(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    first = (await house.sign_in(client))["refresh_token"]
    second = (await house.token(client, grant_type="refresh_token", refresh_token=first)).json()[
        "refresh_token"
    ]
    await pass_by(house, REFRESH_LIFE - 60)
    await purge(house)

    await house.token(client, grant_type="refresh_token", refresh_token=first)

    assert not await house.is_active(client, second)


async def test_s5_a_family_is_kept_until_its_last_access_token_is_dead(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    await house.sign_in(client)
    await pass_by(house, REFRESH_LIFE + TOKENS_KEPT - 60)

    assert Expired.FAMILIES not in await purge(house)

    await pass_by(house, 120)
    assert (await purge(house))[Expired.FAMILIES] == 1


async def test_s5_a_revocation_is_kept_until_the_token_is_dead(house: House) -> None:
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    await house.post("/oauth2/revoke", client, token=token)
    await pass_by(house, 900)  # its expiry, but the clock of a resource may be behind

    assert Expired.REVOKED_TOKENS not in await purge(house)

    await pass_by(house, 600)
    assert (await purge(house))[Expired.REVOKED_TOKENS] == 1


async def test_the_feed_is_kept_for_twice_the_longest_life_of_a_token(house: House) -> None:
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    await house.post("/oauth2/revoke", client, token=token)
    fresh = (await rows(house))["endings"]
    await pass_by(house, 2 * A_DAY)

    assert Expired.ENDINGS not in await purge(house)

    await pass_by(house, 3600)
    assert (await purge(house))[Expired.ENDINGS] == fresh


async def test_an_expired_secret_goes_and_a_usable_one_stays(house: House) -> None:
    client = await house.add_client()
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text("UPDATE client_secrets SET expires_at = created_at"))
    other = await house.add_client()

    assert await purge(house) == Counter({Expired.CLIENT_SECRETS: 1})
    assert (await house.token(other, grant_type="client_credentials")).status_code == 200
    assert (await house.token(client, grant_type="client_credentials")).status_code == 401


async def test_events_go_with_what_is_personal_about_them_after_their_retention(house: House) -> None:
    await live_through_everything(house)
    recorded = (await rows(house))["events"]
    await pass_by(house, 10 * A_DAY)

    assert Expired.EVENTS not in await purge(house, events=11)
    assert (await purge(house, events=9))[Expired.EVENTS] == recorded
    left = await rows(house)
    assert (left["events"], "event_personal_data" in left) == (1, False)


async def test_a_deleted_person_is_forgotten_after_the_retention_but_the_events_stay(house: House) -> None:
    await live_through_everything(house)
    before = await rows(house)
    await pass_by(house, 30 * A_DAY - 60)
    assert not {Expired.USERS, Expired.CLIENTS} & set(await purge(house))
    await pass_by(house, 120)

    counts = await purge(house)

    after = await rows(house)
    assert (counts[Expired.USERS], counts[Expired.CLIENTS]) == (1, 1)
    assert after["events"] == before["events"]
    assert 0 < counts[Expired.USERS_PERSONAL_DATA] < before["event_personal_data"]
    assert after["principals"] == before["principals"]


async def test_a_purged_username_can_be_taken_again_and_its_subject_cannot(house: House) -> None:
    bob = await house.add_user("bob")
    async with house.container.begin() as uow:
        await uow.users.delete(bob.id)
        await uow.commit()
    await pass_by(house, 31 * A_DAY)
    await purge(house)

    again = await house.add_user("bob")

    assert again.id != bob.id
    assert (await rows(house))["principals"] == 2


async def test_what_hangs_on_a_deleted_owner_goes_first_and_in_batches(house: House) -> None:
    await live_through_everything(house)
    await pass_by(house, A_DAY)

    counts = await purge(house, batch=2, deleted=0)

    assert counts[Expired.USERS_REFRESH_TOKENS] == 6
    assert counts[Expired.CLIENTS_REFRESH_TOKENS] == 6
    assert (counts[Expired.USERS_FAMILIES], counts[Expired.CLIENTS_FAMILIES]) == (1, 1)


async def test_a_batch_is_bounded_and_each_is_told(house: House) -> None:
    client = await house.add_client()
    for _ in range(5):
        await house.token(client, grant_type="client_credentials")
    await pass_by(house, YEARS)
    await sign(house)
    told = [
        batch.rows
        async for batch in purging(house, Retention(events=1, deleted=1), 2)()
        if batch.kind is Expired.EVENTS
    ]

    assert told[:-1] == [2] * (len(told) - 1)
    assert told[-1] < 2
    assert len(told) >= 3


async def test_two_purges_at_once_delete_each_row_once(house: House) -> None:
    await live_through_everything(house)
    before = await rows(house)
    await pass_by(house, YEARS)

    counts = await asyncio.gather(*(purge(house, batch=2) for _ in range(2)))
    rest = await purge(house)

    total = sum(counts, rest)
    assert total[Expired.EVENTS] == before["events"]
    assert total[Expired.ENDINGS] == before["endings"]
    assert (await rows(house))["users"] == 1


async def test_a_current_and_a_next_key_are_never_purged(house: House) -> None:
    await house.container.services().keys.generate_key(by="cli")
    await pass_by(house, YEARS)

    assert Expired.SIGNING_KEYS not in await purge(house)
    assert (await rows(house))["signing_keys"] == 2


async def nonces(house: House) -> int:
    statement = select(func.count()).where(refresh_tokens.c.nonce.is_not(None))
    async with house.container.database().engine.connect() as connection:
        return int((await connection.execute(statement)).scalar_one())


async def test_s4_a_nonce_is_erased_when_the_grace_is_over_and_not_before(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    for _ in range(3):
        token = (await house.sign_in(client))["refresh_token"]
        await house.token(client, grant_type="refresh_token", refresh_token=token)
    erase = EraseNonces(begin=house.container.begin, batch=2)

    assert await erase() == 0
    assert await nonces(house) == 3
    await pass_by(house, 11)
    assert await erase() == 3
    assert await nonces(house) == 0


async def test_everything_is_revoked_at_once_and_stays_so(house: House) -> None:
    client, _ = await house.add_client(), await house.add_user()
    tokens = await house.sign_in(client)

    assert await house.container.services().system.revoke_everything(by="cli") == 1001

    assert not await house.is_active(client, tokens["access_token"])
    assert not await house.is_active(client, tokens["refresh_token"])
    again = await house.sign_in(client)
    assert await house.is_active(client, again["access_token"])


async def test_an_imported_retired_key_is_purged_when_its_time_is_over(house: House) -> None:
    retired = SigningKey(
        kid="old", alg="RS256", status="retired", public_jwk={}, sealed=b"", created_at=NOW,
        activated_at=None, verify_until=NOW,
    )  # fmt: skip
    async with house.container.begin() as uow:
        await uow.keys.add(retired)
        await uow.commit()

    assert (await purge(house))[Expired.SIGNING_KEYS] == 1


def test_every_kind_has_an_age() -> None:
    ages: dict[Expired, Any] = dict(Retention(events=1, deleted=1).ages())

    assert set(ages) == set(Expired)
