"""A process that serves nobody and ends things in the database, as the command line does.

`python -m tests.third_process deactivate-user ID`, and so on; settings come from the environment.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from identity_service.domain.entities.event import (
    ClientDeactivated,
    EverythingRevoked,
    PasswordChanged,
    UserDeactivated,
)
from identity_service.domain.value_objects.ids import ClientId, UserId
from identity_service.infrastructure.config.settings import load_settings
from identity_service.infrastructure.container import build
from identity_service.ports.unit_of_work import UnitOfWork


async def deactivate_user(uow: UnitOfWork, user_id: str) -> None:
    await uow.users.change(UserId(user_id), {"active": False}, version=None, raise_epoch=True)
    uow.events.add(UserDeactivated(by="cli", user_id=user_id))


async def change_password(uow: UnitOfWork, user_id: str) -> None:
    await uow.users.change(UserId(user_id), {"password_hash": None}, version=None, raise_epoch=True)
    uow.events.add(PasswordChanged(by="cli", user_id=user_id))


async def deactivate_client(uow: UnitOfWork, client_id: str) -> None:
    await uow.clients.change(ClientId(client_id), {"active": False}, version=None, raise_epoch=True)
    uow.events.add(ClientDeactivated(by="cli", client_id=client_id))


async def revoke_everything(uow: UnitOfWork, _: str) -> None:
    await uow.server.raise_epoch()
    uow.events.add(EverythingRevoked(by="cli"))


COMMANDS: dict[str, Callable[[UnitOfWork, str], Awaitable[None]]] = {
    "deactivate-user": deactivate_user,
    "change-password": change_password,
    "deactivate-client": deactivate_client,
    "revoke-everything": revoke_everything,
}


async def main(arguments: list[str]) -> None:
    """Each pair of arguments is a command and what it is about; every one is a transaction of its own."""
    container = build(load_settings())
    for command, subject in zip(arguments[::2], arguments[1::2], strict=True):
        async with container.begin() as uow:
            await COMMANDS[command](uow, subject)
            await uow.commit()
    await container.database().close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
