"""Runs migrations: on the connection it is handed, or on DATABASE_URL when called as `alembic …`."""

import asyncio
from typing import Any

from alembic import context

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.migrations import one_at_a_time, patient
from identity_service.adapters.sql.schema import metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations name plain types: they must not change when our classes do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run(connection: Any) -> None:
    one_at_a_time(connection)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_settings() -> None:
    from identity_service.adapters.sql.database import Database, DatabaseOptions
    from identity_service.infrastructure.config.settings import load_settings

    database = Database(patient(DatabaseOptions(url=load_settings().database_url)))
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await database.close()


if given := context.config.attributes.get("connection"):
    run(given)
else:
    asyncio.run(run_from_settings())
