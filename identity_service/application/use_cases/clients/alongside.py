"""What else is done in the transaction that makes or changes a client."""

from collections.abc import Awaitable, Callable

from identity_service.domain.entities.client import Client
from identity_service.ports.unit_of_work import UnitOfWork

Alongside = Callable[[UnitOfWork, Client], Awaitable[None]]
"""Called before the commit, with the client as it was stored, or as it was before the change. What it raises undoes
all of it."""


async def nothing_else(uow: UnitOfWork, client: Client) -> None:
    """Most orders are about the client alone."""
