"""What the port `Users` promises, on every database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from identity_service.adapters.sql.schema.accounts import users
from identity_service.application.use_cases.users.create_user import NewUser
from identity_service.domain.entities.user import User
from identity_service.domain.services.access_policy import OPERATOR
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.domain.value_objects.profile import Address, Profile
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.users import UserQuery
from identity_service.ports.unit_of_work import Conflict
from tests.house import NOW, House, open_house, settings_for

CALLERS = 8


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """As many connections as there are callers: they shall meet in the database, not in the pool."""
    settings = settings_for(tmp_path, database_url=database_url, database_pool_size=2 * CALLERS + 2)
    async with open_house(settings) as opened:
        yield opened


async def add(house: House, user: User) -> User:
    async with house.container.begin() as uow:
        stored = await uow.users.add(user)
        await uow.commit()
    return stored


async def change(house: House, user_id: UserId, members: dict[str, Any], **options: Any) -> User | None:
    async with house.container.begin() as uow:
        stored = await uow.users.change(user_id, members, **({"version": None} | options))
        await uow.commit()
    return stored


async def delete(house: House, user_id: UserId) -> bool:
    async with house.container.begin() as uow:
        done = await uow.users.delete(user_id)
        await uow.commit()
    return done


async def get(house: House, user_id: UserId) -> User | None:
    async with house.container.read() as uow:
        return await uow.users.get(user_id)


async def page(house: House, **query: Any) -> list[str]:
    async with house.container.read() as uow:
        return [user.username.entered for user in await uow.users.page(UserQuery(**query))]


def another(house: House, user: User, **members: Any) -> User:
    """A user that could stand beside `user`."""
    fresh = {"id": UserId(new_id()), "username": house.container.names().username("bob"), "email": None}
    return replace(user, **(fresh | {"email_verified": False} | members))


async def test_what_is_added_is_found_by_id_name_and_verified_address(house: House) -> None:
    user = await house.add_user()

    async with house.container.read() as uow:
        found = [
            await uow.users.get(user.id),
            await uow.users.by_username("alice"),
            await uow.users.by_verified_email("alice@example.org"),
        ]

    assert found == [user, user, user]
    assert user.created_at == user.updated_at


SAID = Profile(
    given_name="Zoë",
    birthdate="0000-02-29",
    phone_number="+14255551212",
    phone_number_verified=True,
    address=Address(street_address="1 Main Street\nBack door", country="名前"),
)


async def test_what_people_say_of_themselves_is_read_back_and_taken_away_again(house: House) -> None:
    user = await house.add_user(profile=SAID)

    silent = await change(house, user.id, {"profile": Profile()})
    again = await change(house, user.id, {"profile": SAID})

    assert user.profile == SAID
    assert silent == replace(
        user, profile=Profile(), version=2, updated_at=silent.updated_at if silent else NOW
    )
    assert again == replace(user, version=3, updated_at=again.updated_at if again else NOW)
    assert await get(house, user.id) == again


async def test_what_a_newer_version_keeps_of_people_does_no_harm(house: House) -> None:
    user = await house.add_user(profile=SAID)
    newer = {"nickname": "Al", "pronouns": "they"}
    async with house.container.database().engine.begin() as connection:
        await connection.execute(update(users).values(profile=newer))

    found = await get(house, user.id)

    assert found is not None
    assert found.profile == Profile(nickname="Al")


async def test_an_unverified_address_names_nobody(house: House) -> None:
    await house.add_user(email_verified=False)

    async with house.container.read() as uow:
        assert await uow.users.by_verified_email("alice@example.org") is None


@pytest.mark.parametrize("spelling", ["alice", "ALICE", "ａlice"], ids=["same", "capitals", "fullwidth"])
async def test_a_username_is_one_accounts_only_however_it_is_spelt(house: House, spelling: str) -> None:
    user = await house.add_user()

    with pytest.raises(Conflict) as refused:
        await add(house, another(house, user, username=house.container.names().username(spelling)))

    assert refused.value.member == "username"


async def test_a_verified_address_is_one_accounts_only(house: House) -> None:
    user = await house.add_user()

    with pytest.raises(Conflict) as refused:
        await add(house, another(house, user, email=user.email, email_verified=True))

    assert refused.value.member == "email"


async def test_an_unverified_address_may_be_anybodys(house: House) -> None:
    user = await house.add_user()

    assert (await add(house, another(house, user, email=user.email))).email == user.email


async def test_rfc9700_s4_15_a_clients_id_is_no_users_id(house: House) -> None:
    user, client = await house.add_user(), await house.add_client()

    with pytest.raises(Conflict):
        await add(house, another(house, user, id=UserId(client.id)))


async def test_a_change_sets_members_and_raises_the_version_only(house: House) -> None:
    user = await house.add_user()

    changed = await change(house, user.id, {"name": "Alice Liddell"})

    assert changed is not None
    assert changed == replace(user, name="Alice Liddell", version=2, updated_at=changed.updated_at)
    assert await get(house, user.id) == changed


async def test_a_change_raises_the_epoch_when_asked(house: House) -> None:
    user = await house.add_user()

    changed = await change(house, user.id, {"active": False}, raise_epoch=True)

    assert changed is not None
    assert (changed.active, changed.epoch, changed.version) == (False, 2, 2)


async def test_a_change_of_another_version_changes_nothing(house: House) -> None:
    user = await house.add_user()

    assert await change(house, user.id, {"name": "Mallory"}, version=2) is None
    assert await get(house, user.id) == user


async def test_of_changes_of_one_version_exactly_one_wins(house: House) -> None:
    user = await house.add_user()

    outcomes = await asyncio.gather(
        *(change(house, user.id, {"name": f"number {n}"}, version=1) for n in range(CALLERS))
    )

    won = [outcome for outcome in outcomes if outcome is not None]
    assert len(won) == 1
    assert await get(house, user.id) == won[0]


async def test_who_locks_a_user_sees_what_the_one_before_did(house: House) -> None:
    user = await house.add_user()

    async def append(letter: str) -> None:
        async with house.container.begin() as uow:
            found = await uow.users.get(user.id, lock=True)
            assert found is not None
            await uow.users.change(user.id, {"name": (found.name or "") + letter}, version=None)
            await uow.commit()

    await asyncio.gather(*map(append, "abcdefgh"))

    found = await get(house, user.id)
    assert found is not None
    assert sorted(found.name or "") == list("abcdefgh")


async def test_a_change_cannot_take_anothers_name(house: House) -> None:
    user = await house.add_user()
    bob = await add(house, another(house, user))

    with pytest.raises(Conflict) as refused:
        await change(house, bob.id, {"username": user.username})

    assert refused.value.member == "username"
    assert await get(house, bob.id) == bob


async def test_a_deleted_user_is_invisible_and_its_username_stays_taken(house: House) -> None:
    user = await house.add_user()

    assert await delete(house, user.id) is True
    assert await delete(house, user.id) is False

    async with house.container.read() as uow:
        assert await uow.users.get(user.id) is None
        assert await uow.users.by_username("alice") is None
        assert await uow.users.by_verified_email("alice@example.org") is None
    assert await page(house) == []
    assert await change(house, user.id, {"name": "ghost"}) is None
    with pytest.raises(Conflict) as refused:
        await add(house, another(house, user, username=user.username))
    assert refused.value.member == "username"


async def test_the_id_of_a_deleted_user_is_never_used_again(house: House) -> None:
    user, client = await house.add_user(), await house.add_client()
    await delete(house, user.id)

    with pytest.raises(Conflict):
        await add(house, another(house, user, id=user.id))
    async with house.container.begin() as uow:
        with pytest.raises(Conflict) as refused:
            await uow.clients.add(replace(client.client, client_id=ClientId(user.id)))
    assert refused.value.member == "client_id"


async def test_a_rehash_replaces_only_the_hash_it_was_made_for(house: House) -> None:
    user = await house.add_user()

    async def rehash(old: str, new: str) -> None:
        async with house.container.begin() as uow:
            await uow.users.rehash(user.id, old=old, new=new)
            await uow.commit()

    await rehash("another hash", "stolen")
    assert await get(house, user.id) == user
    await rehash(user.password_hash or "", "newer")

    found = await get(house, user.id)
    assert found == replace(user, password_hash="newer")


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("created_at", ["carol", "alice", "Bob"]),
        ("-created_at", ["Bob", "alice", "carol"]),
        ("username", ["alice", "Bob", "carol"]),
        ("-username", ["carol", "Bob", "alice"]),
    ],
)
async def test_pages_follow_each_other_in_the_order_asked_for(
    house: House, sort: str, order: list[str]
) -> None:
    for name in ("carol", "alice", "Bob"):
        await house.add_user(name)

    seen: list[str] = []
    after = None
    for _ in order:
        async with house.container.read() as uow:
            (user,) = await uow.users.page(UserQuery(sort=sort, limit=1, after=after))
        seen.append(user.username.entered)
        value = user.username.key if "username" in sort else user.created_at.isoformat()
        after = (value, user.id)

    assert seen == order
    assert await page(house, sort=sort, limit=1, after=after) == []


async def test_filters_are_exact(house: House) -> None:
    await house.add_user("alice")
    await house.add_user("alice2", active=False)

    assert await page(house, username_key="alice") == ["alice"]
    assert await page(house, email_key="alice2@example.org") == ["alice2"]
    assert await page(house, active=False) == ["alice2"]
    assert await page(house, active=True, username_key="alice2") == []


async def test_of_many_accounts_that_want_to_mean_the_same_at_once_one_does(house: House) -> None:
    """Half of them by a username, half of them by a verified address; no table has a rule over both."""
    create = house.container.services().users.create_user

    async def mean(number: int) -> str | None:
        by_name = number % 2 == 0
        order = NewUser(
            by=OPERATOR,
            username="ann@example.org" if by_name else f"somebody-{number}",
            email="Ann@example.org",
            email_verified=not by_name,
        )
        try:
            return (await create(order)).id
        except Conflict:
            return None

    made = await asyncio.gather(*map(mean, range(2 * CALLERS)))

    assert sum(each is not None for each in made) == 1
