"""An ending that is ordered again changes nothing, yet the process that answers applies it (PROTOCOL §5)."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from identity_service.adapters.jwt.client_key_set import JwkKeySets
from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.use_cases.clients.deactivate_client import DeactivateClient
from identity_service.application.use_cases.clients.members import ClientMembers
from identity_service.application.use_cases.clients.update_client import ClientUpdate, UpdateClient
from identity_service.application.use_cases.users.deactivate_user import DeactivateUser
from identity_service.application.use_cases.users.update_user import UpdateUser, UserUpdate
from identity_service.domain.entities.tag import client_tag, user_tag
from identity_service.domain.oauth.client_metadata import Offer
from identity_service.domain.services.access_policy import OPERATOR
from tests.house import House

Begin = Callable[[], SqlUnitOfWork]
Order = Callable[[House, Begin, str, str], Any]


async def deactivate_user(house: House, begin: Begin, user_id: str, client_id: str) -> None:
    await DeactivateUser(begin=begin)(user_id, by=OPERATOR)


async def deactivate_client(house: House, begin: Begin, user_id: str, client_id: str) -> None:
    await DeactivateClient(begin=begin)(client_id, by=OPERATOR)


async def update_user(house: House, begin: Begin, user_id: str, client_id: str) -> None:
    update = UpdateUser(begin=begin, names=house.container.names())
    await update(UserUpdate(by=OPERATOR, user_id=user_id, members={"username": "alicia"}))


async def update_client(house: House, begin: Begin, user_id: str, client_id: str) -> None:
    members = ClientMembers(
        offer=Offer(grants=("password",), signing_algs=()),
        default_audience="https://api.example",
        key_sets=JwkKeySets(),
    )
    accounts = house.container.accounts
    update = UpdateClient(
        begin=begin,
        read=house.container.read,
        members=members,
        credentials=accounts.credentials(),
        sectors=accounts.sectors(),
    )
    await update(ClientUpdate(by=OPERATOR, client_id=client_id, members={"client_name": "new"}))


@pytest.mark.parametrize("order", [deactivate_user, deactivate_client, update_user, update_client])
async def test_s5_a_repeated_ending_is_applied_by_this_process_and_written_once(
    house: House, order: Order
) -> None:
    user, client = await house.add_user(), await house.add_client()
    told: list[tuple[str, ...]] = []

    def on_endings(tags: Sequence[str]) -> None:
        told.append(tuple(tags))

    def begin() -> SqlUnitOfWork:
        return SqlUnitOfWork(house.container.database(), writing=True, on_endings=on_endings)

    for _ in range(3):
        await order(house, begin, user.id, client.id)

    tag = user_tag(user.id) if "user" in order.__name__ else client_tag(client.id)  # type: ignore[attr-defined]  # functions have names
    assert told == [(tag,)] * 3
    async with house.container.database().engine.connect() as connection:
        written = (await connection.exec_driver_sql("SELECT tag FROM endings")).scalars().all()
    assert written == [tag]
