"""Opens the house for one command, and closes it however the command ends."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_house(work: Callable[Concatenate[Any, P], Awaitable[T]]) -> Callable[P, T]:
    """Makes a coroutine function a command: it is called with a container over the settings of this process.

    Raises what `load_settings` and `build` raise.
    """

    @wraps(work)
    def command(*args: P.args, **kwargs: P.kwargs) -> T:
        from identity_service.infrastructure.config.settings import load_settings
        from identity_service.infrastructure.container import build

        return asyncio.run(_closing(build(load_settings()), work, *args, **kwargs))

    return command


def in_database(work: Callable[Concatenate[Any, P], Awaitable[T]]) -> Callable[P, T]:
    """As `in_house`, for what needs the database alone: no secret has to be there."""

    @wraps(work)
    def command(*args: P.args, **kwargs: P.kwargs) -> T:
        from identity_service.infrastructure.config.settings import load_settings
        from identity_service.infrastructure.container import Container

        return asyncio.run(_closing(Container(settings=load_settings()), work, *args, **kwargs))

    return command


async def _closing(
    container: Any, work: Callable[Concatenate[Any, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    try:
        return await work(container, *args, **kwargs)
    finally:
        await container.hashing_pool().close()
        await container.database().close()
