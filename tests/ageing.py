"""Lets time pass in a database: every moment in it moves into the past."""

from sqlalchemy import text

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema import metadata

A_DAY = 86_400


CHAIN_ANEW = (
    "UPDATE audit_head SET size = 0, frontier = :nothing, link = :genesis",  # first, as who chains does it
    "UPDATE events SET chain_position = NULL, chain_hash = NULL",
    "DELETE FROM audit_statements",
)
"""Entries of another time are others: whoever lets time pass has rewritten the log."""


async def age(database: Database, seconds: int) -> None:
    """As if this many seconds had gone by since everything in the database was written."""
    async with database.engine.begin() as connection:
        for statement in CHAIN_ANEW:
            given = {"nothing": b"", "genesis": bytes(32)} if ":genesis" in statement else {}
            await connection.execute(text(statement), given)
        for table in metadata.sorted_tables:
            moments = [column.name for column in table.c if isinstance(column.type, UtcDateTime)]
            if moments:
                changes = ", ".join(f"{name} = {_earlier(database, name, seconds)}" for name in moments)
                await connection.execute(text(f"UPDATE {table.name} SET {changes}"))


def _earlier(database: Database, column: str, seconds: int) -> str:
    if database.options.embedded:
        return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{seconds} seconds')"
    return f"{column} - interval '{seconds} seconds'"
