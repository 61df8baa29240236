"""PROTOCOL §3, keys: next → current → retired, published before use, and no token fails because of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from identity_service.adapters.jwt.jwk import generate_private_key, to_pem
from identity_service.application.use_cases.keys.add_key import KeyConflict, KeyImport
from identity_service.application.use_cases.keys.rotate_keys import KeyFromSettings, KeyRotation
from identity_service.application.use_cases.keys.sealing import KeysUnreadable
from identity_service.domain.services.key_rotation import Due
from identity_service.infrastructure.container import build
from tests.api_caller import on_sqlite
from tests.house import House, Registered, open_house, settings_for

AT_ONCE = 8
OTHER_MASTER_KEY = "11" * 32
Instances = Callable[[], Any]


@pytest.fixture
async def instance(database_url: str, tmp_path: Path) -> AsyncIterator[Instances]:
    """`await instance()` is one more application on the test's database, whose keys are kept there."""
    async with AsyncExitStack() as stack:

        async def start(**overrides: Any) -> House:
            settings = settings_for(tmp_path, database_url=database_url, jwt_private_key=None, **overrides)
            return await stack.enter_async_context(open_house(settings))

        yield start


async def execute(house: House, statement: str) -> None:
    async with house.container.database().engine.begin() as connection:
        await connection.execute(text(statement))


async def let_time_pass(house: House) -> None:
    """As if every key had been made, put to use and retired long ago."""
    for column in ("created_at", "activated_at", "verify_until"):
        long_ago = "'2000-01-01 00:00:00.000000'"
        await execute(house, f"UPDATE signing_keys SET {column} = {long_ago} WHERE {column} IS NOT NULL")


async def look_again(house: House) -> None:
    """What the process does by itself before long: read the keys, and forget what was verified with the old ones."""
    await house.container.load_keys()()
    house.container.hearing.endings().keys_read()


def published(house: House) -> set[str]:
    return {str(jwk["kid"]) for jwk in house.container.key_ring().public_jwks()}


async def by_status(house: House) -> dict[str, str]:
    return {view.status: view.kid for view in await house.container.services().keys.list_keys()}


def rotate(house: House, **options: Any) -> Any:
    return house.container.services().keys.rotate_keys(KeyRotation(by="cli", **options))


async def test_however_many_processes_start_at_once_there_is_one_current_key_of_each_algorithm(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(
        tmp_path,
        database_url=database_url,
        jwt_private_key=None,
        signing_algorithm="EdDSA",
        client_signing_algorithms=("ES256",),
    )
    containers = [build(settings) for _ in range(AT_ONCE)]

    await asyncio.gather(*(container.load_keys()() for container in containers))

    kids = {jwk["kid"] for container in containers for jwk in container.key_ring().public_jwks()}
    views = await containers[0].services().keys.list_keys()
    for container in containers:
        await container.hashing_pool().close()
        await container.database().close()
    assert {view.kid for view in views} == kids
    assert sorted((view.alg, view.status) for view in views) == [("ES256", "current"), ("EdDSA", "current")]


async def test_a_rotation_publishes_a_next_key_and_says_when_it_can_be_used(instance: Instances) -> None:
    house = await instance(jwks_max_age_seconds=300)

    answer = await rotate(house)

    assert not answer.done
    assert answer.key.status == "next"
    assert (answer.key.usable_from - answer.key.created_at).total_seconds() >= 300
    await house.container.load_keys()()
    assert answer.key.kid in published(house)


async def test_a_next_key_that_is_not_published_long_enough_is_not_used(instance: Instances) -> None:
    house = await instance()
    waiting = await house.container.services().keys.generate_key(by="cli")

    again = await rotate(house)

    assert (again.done, again.key) == (False, waiting)


async def test_a_key_published_long_enough_takes_over_and_the_one_before_it_still_verifies(
    instance: Instances,
) -> None:
    house = await instance()
    old = (await by_status(house))["current"]
    new = (await rotate(house)).key.kid
    await let_time_pass(house)

    assert (await rotate(house)).done

    await house.container.load_keys()()
    assert await by_status(house) == {"current": new, "retired": old}
    assert published(house) == {new, old}


async def test_no_token_fails_because_of_a_rotation_on_two_instances(instance: Instances) -> None:
    one, other = await instance(), await instance()
    client = await one.add_client()
    tokens: list[str] = []

    async def every_token_lives_everywhere() -> None:
        for house in (one, other):
            answer = await house.token(client, grant_type="client_credentials")
            tokens.append(answer.json()["access_token"])
        for token in tokens:
            assert await one.is_active(client, token)
            assert await other.is_active(client, token)

    await every_token_lives_everywhere()
    await rotate(one)
    await every_token_lives_everywhere()  # the other has not read its keys again
    await one.container.load_keys()()
    await every_token_lives_everywhere()
    await other.container.load_keys()()  # at the latest now: a next key waits longer than any process takes
    await let_time_pass(one)
    assert (await rotate(one)).done
    await every_token_lives_everywhere()
    await one.container.load_keys()()  # signs with the new key, while the other still signs with the old one
    await every_token_lives_everywhere()
    await other.container.load_keys()()
    await every_token_lives_everywhere()

    assert len({header(token) for token in tokens}) == 2


async def test_tokens_issued_and_checked_all_the_while_survive_a_rotation(instance: Instances) -> None:
    houses = (await instance(), await instance())
    client = await houses[0].add_client()
    over, lived = asyncio.Event(), []

    async def use(issuing: House, checking: House) -> None:
        while not over.is_set():
            token = (await issuing.token(client, grant_type="client_credentials")).json()["access_token"]
            lived.append(await checking.is_active(client, token))
            await asyncio.sleep(0.005)  # SQLite lets whoever comes in between: a rotation wants its turn too

    using = [asyncio.create_task(use(*pair)) for pair in (houses, houses[::-1])]
    await rotate(houses[0])
    await reload(houses, client)
    await let_time_pass(houses[0])
    await rotate(houses[1])
    await reload(houses, client)
    over.set()
    await asyncio.gather(*using)

    assert lived
    assert all(lived)


async def reload(houses: Iterable[House], client: Registered) -> None:
    for house in houses:
        await house.container.load_keys()()
        await house.token(client, grant_type="client_credentials")


async def test_a_retired_key_no_longer_verifies_once_its_tokens_are_dead(instance: Instances) -> None:
    house = await instance()
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    await rotate(house, now=True)
    await house.container.load_keys()()
    assert await house.is_active(client, token)

    await let_time_pass(house)
    await look_again(house)

    assert not await house.is_active(client, token)
    assert published(house) == {(await by_status(house))["current"]}


@on_sqlite
async def test_reading_the_keys_again_answers_whether_anything_about_them_was_new(
    instance: Instances, database_url: str, tmp_path: Path
) -> None:
    house = await instance()
    reader = build(settings_for(tmp_path, database_url=database_url, jwt_private_key=None))
    load = reader.load_keys()

    assert [await load(), await load()] == [True, False]
    await house.container.services().keys.generate_key(by="cli")
    assert [await load(), await load()] == [True, False]
    await execute(house, "DELETE FROM signing_keys WHERE status = 'next'")
    assert [await load(), await load()] == [True, False]
    await reader.hashing_pool().close()
    await reader.database().close()


async def test_in_an_emergency_a_key_is_used_at_once(instance: Instances) -> None:
    house = await instance()
    old = (await by_status(house))["current"]

    answer = await rotate(house, now=True)

    assert answer.done
    assert await by_status(house) == {"current": answer.key.kid, "retired": old}


async def test_a_key_that_leaked_verifies_nothing_from_then_on(instance: Instances) -> None:
    house = await instance()
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]

    await rotate(house, distrust=True)
    await look_again(house)

    assert not await house.is_active(client, token)
    assert set(await by_status(house)) == {"current"}


async def test_a_key_that_leaked_after_it_was_rotated_out_verifies_nothing_either(
    instance: Instances,
) -> None:
    house = await instance()
    client = await house.add_client()
    token = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
    await rotate(house, now=True)
    await look_again(house)
    assert await house.is_active(client, token)

    await rotate(house, distrust=True)
    await look_again(house)

    assert not await house.is_active(client, token)
    assert set(await by_status(house)) == {"current"}


async def test_of_concurrent_rotations_one_is_done(instance: Instances) -> None:
    house = await instance()
    await rotate(house)
    await let_time_pass(house)

    answers = await asyncio.gather(*(rotate(house) for _ in range(4)), return_exceptions=True)

    done = [answer for answer in answers if not isinstance(answer, Exception) and answer.done]
    assert len(done) == 1
    others = [answer for answer in answers if answer not in done]
    assert all(isinstance(answer, KeyConflict) or not answer.done for answer in others)
    assert (await by_status(house))["current"] == done[0].key.kid


async def test_a_second_next_key_is_refused_with_advice(instance: Instances) -> None:
    house = await instance()
    await house.container.services().keys.generate_key(by="cli")

    with pytest.raises(KeyConflict, match="keys rotate"):
        await house.container.services().keys.generate_key(by="cli")


async def test_an_imported_key_waits_as_the_next_one(instance: Instances) -> None:
    house = await instance()

    view = await import_key(house, "next")

    assert (await by_status(house))["next"] == view.kid
    assert view.usable_from is not None


async def test_a_key_can_be_imported_as_the_current_one(instance: Instances) -> None:
    house = await instance()
    old = (await by_status(house))["current"]

    view = await import_key(house, "current")

    assert view.status == "current"
    assert await by_status(house) == {"current": view.kid, "retired": old}


async def test_a_key_can_be_imported_to_verify_only(instance: Instances) -> None:
    house = await instance()
    current = (await by_status(house))["current"]

    view = await import_key(house, "retired")

    assert await by_status(house) == {"current": current, "retired": view.kid}
    await house.container.load_keys()()
    assert published(house) == {current, view.kid}


@on_sqlite
@pytest.mark.parametrize(
    "pem", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"]
)
async def test_what_is_no_private_key_is_not_imported(instance: Instances, pem: str) -> None:
    house = await instance()

    with pytest.raises(ValueError, match=r"\w") as refused:
        await house.container.services().keys.import_key(KeyImport(pem=pem, status="next", by="cli"))

    assert "AAAA" not in str(refused.value)
    assert set(await by_status(house)) == {"current"}


async def test_no_view_of_a_key_holds_anything_secret(instance: Instances) -> None:
    house = await instance()
    [view] = await house.container.services().keys.list_keys()

    assert set(view.__slots__) == {
        "kid", "alg", "status", "source", "created_at", "activated_at", "usable_from", "verify_until",
    }  # fmt: skip


async def test_a_key_from_the_settings_signs_and_the_databases_keys_only_verify(
    instance: Instances, database_url: str, tmp_path: Path
) -> None:
    first = await instance()
    client = await first.add_client()
    stored = (await by_status(first))["current"]
    token = (await first.token(client, grant_type="client_credentials")).json()["access_token"]

    async with open_house(settings_for(tmp_path, database_url=database_url)) as house:
        assert await house.is_active(client, token)
        new = (await house.token(client, grant_type="client_credentials")).json()["access_token"]
        given, *others = await house.container.services().keys.list_keys()

    assert header(new) != header(token)
    assert (given.source, given.status) == ("settings", "current")
    assert [(view.kid, view.source) for view in others] == [(stored, "database")]


async def test_a_key_from_the_settings_is_not_rotated_by_command(house: House) -> None:
    with pytest.raises(KeyFromSettings, match="JWT_PRIVATE_KEY"):
        await rotate(house, now=True)


async def test_a_wrong_master_key_is_one_clear_line_and_overwrites_nothing(
    instance: Instances, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = await instance()
    before = await first.container.services().keys.list_keys()
    wrong = settings_for(
        tmp_path, database_url=database_url, jwt_private_key=None, master_key=OTHER_MASTER_KEY
    )

    async with open_house(wrong) as house:
        with pytest.raises(KeysUnreadable) as refused:
            await house.container.load_keys()()
        ready = await house.http.get("/health/ready")

    assert str(refused.value).startswith("MASTER_KEY (key id ")
    assert "\n" not in str(refused.value)
    assert str(refused.value) in caplog.messages
    assert ready.status_code == 503
    assert await first.container.services().keys.list_keys() == before


async def test_a_database_that_names_no_master_key_takes_none_that_opens_nothing_of_it(
    instance: Instances, database_url: str, tmp_path: Path
) -> None:
    house = await instance()
    await execute(house, "UPDATE server_state SET master_key_id = NULL")
    wrong = settings_for(
        tmp_path, database_url=database_url, jwt_private_key=None, master_key=OTHER_MASTER_KEY
    )

    async with open_house(wrong) as other:
        assert (await other.http.get("/health/ready")).status_code == 503

    await house.container.load_keys()()


async def test_a_key_changed_in_the_database_is_not_used(instance: Instances) -> None:
    house = await instance()
    old = (await by_status(house))["current"]
    await rotate(house, now=True)
    await execute(
        house,
        "UPDATE signing_keys SET sealed = "
        f"(SELECT sealed FROM signing_keys WHERE kid = '{old}') WHERE status = 'current'",
    )

    with pytest.raises(KeysUnreadable, match="damaged"):
        await house.container.load_keys()()

    assert old in published(house)


async def test_a_public_key_written_into_the_database_verifies_nothing(instance: Instances) -> None:
    house = await instance()
    kid = (await by_status(house))["current"]
    await execute(house, 'UPDATE signing_keys SET public_jwk = \'{"kid": "forged"}\'')

    await house.container.load_keys()()

    assert published(house) == {kid}


async def test_the_schedule_publishes_then_promotes_and_then_rests(instance: Instances) -> None:
    house = await instance(signing_key_rotation_days=30)
    schedule = house.container.keys().schedule
    old = (await by_status(house))["current"]

    assert await schedule() == {}
    await let_time_pass(house)
    assert await schedule() == {"RS256": Due.PUBLISH}
    assert await schedule() == {}
    await let_time_pass(house)
    assert await schedule() == {"RS256": Due.PROMOTE}
    assert await schedule() == {}

    assert (await by_status(house))["retired"] == old


async def test_the_schedule_of_two_leaders_at_once_does_one_thing(instance: Instances) -> None:
    houses = (await instance(), await instance())
    await let_time_pass(houses[0])

    await asyncio.gather(*(house.container.keys().schedule() for house in houses))

    assert len(await houses[0].container.services().keys.list_keys()) == 2


async def test_the_schedule_leaves_keys_from_the_settings_alone(house: House) -> None:
    assert await house.container.keys().schedule() == {}


async def import_key(house: House, status: Any) -> Any:
    pem = to_pem(generate_private_key("RS256"))
    return await house.container.services().keys.import_key(KeyImport(pem=pem, status=status, by="cli"))


def header(token: str) -> str:
    return token.partition(".")[0]
