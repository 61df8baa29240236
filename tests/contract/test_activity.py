"""What `Events.about` and `Sessions.of_user` promise, on every database."""

from datetime import timedelta

from identity_service.domain.entities.event import CurrentPasswordRefused, PasswordChanged, UserChanged
from identity_service.domain.value_objects.ids import UserId
from identity_service.infrastructure.container import new_id
from identity_service.ports.repositories.events import Recorded
from tests.ageing import age
from tests.house import House
from tests.visitor import app_of, visitor_of

NAMES = ("user.changed", "user.current_password_refused")


async def record(house: House, *events: object) -> None:
    for event in events:
        async with house.container.begin() as uow:
            uow.events.add(event)
            await uow.commit()


async def about(
    house: House, user_id: UserId, *, after: tuple[str, str] | None = None, limit: int = 10
) -> list[Recorded]:
    async with house.container.read() as uow:
        found: list[Recorded] = await uow.events.about(user_id, names=NAMES, after=after, limit=limit)
    return found


async def test_what_happened_to_a_person_comes_newest_first_with_what_is_personal(house: House) -> None:
    alice, bob = UserId(new_id()), UserId(new_id())
    await record(
        house,
        UserChanged(by=alice, user_id=alice, members=("name",)),
        PasswordChanged(by=alice, user_id=alice),
        CurrentPasswordRefused(by=alice, user_id=alice, address="192.0.2.7"),
        UserChanged(by="cli", user_id=bob, members=("email",)),
    )

    newest, oldest = await about(house, alice)

    assert (newest.name, newest.by, newest.subject) == ("user.current_password_refused", alice, alice)
    assert dict(newest.members) == {"by": alice, "user_id": alice}
    assert newest.personal is not None
    assert oldest.personal is None
    assert dict(oldest.members) == {"by": alice, "user_id": alice, "members": ["name"]}
    assert newest.occurred_at.utcoffset() == timedelta(0)


async def test_it_goes_on_behind_a_place_even_where_moments_are_the_same(house: House) -> None:
    alice = UserId(new_id())
    async with house.container.begin() as uow:  # of one transaction, hence of one moment
        for number in range(5):
            uow.events.add(UserChanged(by=alice, user_id=alice, members=(str(number),)))
        await uow.commit()

    seen: list[str] = []
    after: tuple[str, str] | None = None
    while page := await about(house, alice, after=after, limit=2):
        seen += [each.members["members"][0] for each in page]
        after = (page[-1].occurred_at.isoformat(), page[-1].id)

    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    assert len(seen) == 5


async def test_sessions_that_were_idle_are_there_for_who_asks_for_them(house: House) -> None:
    user = await house.add_user()
    async with visitor_of(house) as visitor:
        await visitor.agreed(await app_of(house))
    await age(house.container.database(), 100)

    async with house.container.read() as uow:
        assert await uow.sessions.of_user(user.id, idle_seconds=99) == []
        assert len(await uow.sessions.of_user(user.id, idle_seconds=None)) == 1
