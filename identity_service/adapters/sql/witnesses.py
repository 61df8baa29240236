"""Is anything heard of PostgreSQL? A refusal is an answer too: it is silence that costs time."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from identity_service.ports.unit_of_work import StorageUnavailable


def asyncpg_arguments(url: str) -> dict[str, Any]:
    """As SQLAlchemy reads them from the URL, several hosts included."""
    dialect: Any = PGDialect_asyncpg
    _, arguments = dialect().create_connect_args(make_url(url))
    arguments.pop("prepared_statement_cache_size", None)  # SQLAlchemy's own
    return dict(arguments)


async def new_connection_heard(url: str, seconds: float) -> bool:
    """Whether a connection of its own is answered."""
    try:
        connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=seconds)
    except TimeoutError:
        return False
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return True
    try:
        return await _heard(connection, seconds)
    finally:
        connection.terminate()


async def pool_heard(engine: AsyncEngine, seconds: float) -> bool:
    """Whether a connection of the pool is answered; False also if none becomes free."""
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(seconds):
                connection = await stack.enter_async_context(engine.connect())
        except (TimeoutError, PoolTimeout):
            return False
        except (OSError, SQLAlchemyError, StorageUnavailable):
            return True
        lent = await connection.get_raw_connection()
        return await _heard(lent.driver_connection, seconds)


async def _heard(connection: Any, seconds: float) -> bool:
    """Whether anything comes back on this connection of asyncpg's; one that is silent is cut off."""
    asked = asyncio.ensure_future(connection.fetchval("SELECT 1"))
    try:
        done, _ = await asyncio.wait((asked,), timeout=seconds)
    except asyncio.CancelledError:
        await _cut_off(connection, asked)
        raise
    if not done:
        await _cut_off(connection, asked)
        return False
    await asyncio.gather(asked, return_exceptions=True)
    return True


async def _cut_off(connection: Any, asked: "asyncio.Future[Any]") -> None:
    """Not cancelled: asyncpg answers a cancellation by asking the server, which may be silent as well."""
    connection.terminate()
    await asyncio.gather(asked, return_exceptions=True)
