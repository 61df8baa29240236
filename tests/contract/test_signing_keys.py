"""What the ports `SigningKeys`, `ServerState` and `Audiences` promise, on every database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.domain.entities.signing_key import SigningKey
from tests.house import NOW, House, open_house, settings_for

CALLERS = 8


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A key from the settings signs, so that the database holds none but the test's own."""
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=CALLERS + 2)
    async with open_house(settings) as opened:
        yield opened


def key(kid: str, status: str = "next", *, alg: str = "RS256", until: datetime | None = None) -> SigningKey:
    return SigningKey(
        kid=kid,
        alg=alg,
        status=status,
        public_jwk={"kty": "RSA", "kid": kid},
        sealed=kid.encode(),
        created_at=NOW,
        activated_at=None,
        verify_until=until,
    )


async def add(house: House, *keys: SigningKey) -> list[bool]:
    async with house.container.begin() as uow:
        added = [await uow.keys.add(one) for one in keys]
        await uow.commit()
    return added


async def promote(house: House, kid: str, *, seconds: int = 60) -> bool:
    async with house.container.begin() as uow:
        done = await uow.keys.promote(kid, retire_for_seconds=seconds)
        if done:
            await uow.commit()
    return bool(done)


async def statuses(house: House) -> dict[str, str]:
    async with house.container.read() as uow:
        return {one.kid: one.status for one in await uow.keys.all()}


async def test_a_key_is_given_back_as_it_was_stored_with_the_times_of_the_database(house: House) -> None:
    await add(house, key("a", "current"))

    async with house.container.read() as uow:
        [stored] = await uow.keys.all()
        now = await uow.server.now()

    assert (stored.kid, stored.alg, stored.status) == ("a", "RS256", "current")
    assert (stored.sealed, dict(stored.public_jwk)) == (b"a", {"kty": "RSA", "kid": "a"})
    assert stored.created_at == stored.activated_at
    assert timedelta() <= now - stored.created_at < timedelta(minutes=1)
    assert stored.verify_until is None


@pytest.mark.parametrize("status", ["current", "next"])
async def test_a_second_key_of_one_status_and_algorithm_is_refused(house: House, status: str) -> None:
    assert await add(house, key("a", status), key("b", status), key("c", status, alg="ES256")) == [
        True,
        False,
        True,
    ]
    assert await statuses(house) == {"a": status, "c": status}


async def test_a_kid_is_taken_once_whatever_its_status(house: House) -> None:
    assert await add(house, key("a", "current"), key("a", "next")) == [True, False]


async def test_of_concurrent_callers_one_adds_the_current_key(house: House) -> None:
    added = await asyncio.gather(*(add(house, key(str(number), "current")) for number in range(CALLERS)))

    assert sum(done for [done] in added) == 1
    assert len(await statuses(house)) == 1


async def test_promotion_retires_the_key_before_it(house: House) -> None:
    await add(house, key("old", "current"), key("new"), key("other", "current", alg="ES256"))

    assert await promote(house, "new")

    assert await statuses(house) == {"old": "retired", "new": "current", "other": "current"}
    async with house.container.read() as uow:
        by_kid = {one.kid: one for one in await uow.keys.all()}
        now = await uow.server.now()
    assert timedelta(seconds=50) < by_kid["old"].verify_until - now <= timedelta(seconds=60)
    assert by_kid["new"].activated_at is not None


@pytest.mark.parametrize("kid", ["current", "unknown"])
async def test_what_is_no_next_key_is_not_promoted(house: House, kid: str) -> None:
    await add(house, key("current", "current"), key("waiting"))

    assert not await promote(house, kid)
    assert await statuses(house) == {"current": "current", "waiting": "next"}


async def test_of_concurrent_promotions_one_is_done_and_the_new_key_stays_current(house: House) -> None:
    await add(house, key("old", "current"), key("new"))

    done = await asyncio.gather(*(promote(house, "new") for _ in range(CALLERS)))

    assert sum(done) == 1
    assert await statuses(house) == {"old": "retired", "new": "current"}


async def test_a_retired_key_disappears_when_its_time_is_over(house: House) -> None:
    past, future = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(minutes=1)
    await add(house, key("gone", "retired", until=past), key("kept", "retired", until=future))

    assert await statuses(house) == {"kept": "retired"}


async def test_of_many_master_keys_claimed_at_once_one_holds_for_ever(house: House) -> None:
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text("UPDATE server_state SET master_key_id = NULL"))

    async def claim(number: int) -> str:
        async with house.container.begin() as uow:
            claimed: str = await uow.server.claim(f"{number:016x}")
            await uow.commit()
        return claimed

    claimed = await asyncio.gather(*map(claim, range(CALLERS)))

    assert len(set(claimed)) == 1
    assert await claim(CALLERS) == claimed[0]
    async with house.container.read() as uow:
        assert await uow.server.master_key_id() == claimed[0]


async def test_the_servers_epoch_is_raised_by_every_caller_once(house: House) -> None:
    async def raise_epoch(_: int) -> Any:
        async with house.container.begin() as uow:
            epoch = await uow.server.raise_epoch()
            await uow.commit()
        return epoch

    raised = await asyncio.gather(*map(raise_epoch, range(CALLERS)))

    assert sorted(raised) == [1 + 1000 * n for n in range(1, CALLERS + 1)]
    async with house.container.read() as uow:
        assert await uow.server.epoch() == 1 + 1000 * CALLERS


async def test_an_epoch_that_is_not_committed_is_not_raised(house: House) -> None:
    async with house.container.begin() as uow:
        await uow.server.raise_epoch()

    async with house.container.read() as uow:
        assert await uow.server.epoch() == 1


async def test_rfc8707_an_audience_is_made_once_however_many_ask_for_it(house: House) -> None:
    async def ensure(_: int) -> str:
        async with house.container.begin() as uow:
            audience = await uow.audiences.ensure("https://api.example")
            await uow.commit()
        return str(audience.id)

    made = await asyncio.gather(*map(ensure, range(CALLERS)))

    assert len(set(made)) == 1


async def test_rfc8707_audiences_are_found_by_their_exact_uri_with_who_may_introspect(house: House) -> None:
    api = await house.add_client(resource_server=True, audiences=frozenset({"https://api.example"}))
    async with house.container.begin() as uow:
        await uow.audiences.ensure("https://other.example")
        await uow.commit()

    async with house.container.read() as uow:
        found = await uow.audiences.by_uris(
            ["https://api.example", "https://other.example", "https://API.example"]
        )

    assert {uri: audience.introspectors for uri, audience in found.items()} == {
        "https://api.example": frozenset({api.id}),
        "https://other.example": frozenset(),
    }
