"""What the port `SessionClients` promises, on every database."""

import os
from typing import Any

from identity_service.domain.entities.session import NewSession
from identity_service.domain.entities.session_client import SessionClient
from identity_service.domain.value_objects.ids import SessionId, UserId
from identity_service.infrastructure.container import new_id
from tests.house import NOW, House, Registered

URI = "https://app.example/backchannel"


async def write(house: House, work: Any) -> Any:
    async with house.container.begin() as uow:
        result = await work(uow)
        await uow.commit()
    return result


async def session_of(house: House, user_id: UserId) -> SessionId:
    session = NewSession(
        id=SessionId(new_id()),
        user_id=user_id,
        server_epoch=1,
        user_epoch=1,
        auth_time=NOW,
        amr=("pwd",),
        acr="level",
        user_agent=None,
        address=None,
        lifetime_seconds=600,
    )
    assert await write(house, lambda uow: uow.sessions.start(session, os.urandom(32)))
    return session.id


async def add(house: House, session_id: SessionId, client: Registered, subject: str | None = None) -> None:
    await write(
        house, lambda uow: uow.session_clients.add(session_id, client.client.client_id, subject=subject)
    )


async def of(house: House, session_id: SessionId) -> list[SessionClient]:
    async with house.container.read() as uow:
        found: list[SessionClient] = await uow.session_clients.of_session(session_id)
    return found


async def test_a_session_has_each_of_its_clients_once_under_the_latest_name(house: House) -> None:
    user = await house.add_user()
    session_id, other = await session_of(house, user.id), await session_of(house, user.id)
    plain, pairwise = await house.add_client(), await house.add_client(backchannel_logout_uri=URI)
    for subject in (None, None):
        await add(house, session_id, plain, subject)
    for subject in ("before", "p-1", "p-1"):
        await add(house, session_id, pairwise, subject)
    await add(house, other, plain)

    found = {each.client_id: each for each in await of(house, session_id)}
    assert {name: each.subject for name, each in found.items()} == {plain.id: user.id, pairwise.id: "p-1"}
    assert found[pairwise.client.client_id].backchannel_logout_uri == URI
    assert found[plain.client.client_id].backchannel_logout_uri is None
    await write(house, lambda uow: uow.sessions.end(session_id))
    assert len(await of(house, session_id)) == 2, "it is asked for when the session has ended"


async def test_clients_that_are_off_or_deleted_are_left_out(house: House) -> None:
    user = await house.add_user()
    session_id = await session_of(house, user.id)
    off, deleted = await house.add_client(active=False), await house.add_client()
    for client in (off, deleted):
        await add(house, session_id, client)
    await write(house, lambda uow: uow.clients.delete(deleted.client.client_id))

    assert await of(house, session_id) == []


async def test_who_is_to_be_told_of_all_living_sessions_is_read_in_steps(house: House) -> None:
    user, gone = await house.add_user(), await house.add_user("bob")
    told, silent = await house.add_client(backchannel_logout_uri=URI), await house.add_client()
    living = [await session_of(house, user.id) for _ in range(3)]
    over, of_gone = await session_of(house, user.id), await session_of(house, gone.id)
    for session_id in (*living, over, of_gone):
        await add(house, session_id, told)
        await add(house, session_id, silent)
    await write(house, lambda uow: uow.sessions.end(over))
    await write(house, lambda uow: uow.users.delete(gone.id))

    found: list[SessionClient] = []
    async with house.container.read() as uow:
        while step := await uow.session_clients.to_tell(
            after=(found[-1].session_id, found[-1].client_id) if found else None, limit=2
        ):
            found += step
    assert sorted(each.session_id for each in found) == sorted(living)
    assert {each.client_id for each in found} == {told.id}
