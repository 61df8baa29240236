"""A copy of the database in a thief's hands: every value of every column, in every shape that it can be read in."""

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import make_url

from identity_service.adapters.sql.database import Database

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")
FEWEST = 4
"""Characters of what could be a credential at all; the shortest password has eight."""


async def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every table as the database has it, whatever the program knows of them."""
    sqlite = database.engine.dialect.name == "sqlite"
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if sqlite
        else "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    async with database.engine.connect() as connection:
        tables = [str(row[0]) for row in await connection.execute(text(names))]
        return {
            table: [
                dict(row) for row in (await connection.execute(text(f'SELECT * FROM "{table}"'))).mappings()
            ]
            for table in tables
        }


def candidates(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """What might be presented somewhere, and the column that it comes from."""
    found: dict[str, str] = {}
    for table, held in rows.items():
        for row in held:
            for column, value in row.items():
                for shape in shapes(value):
                    if len(shape) >= FEWEST and shape.isprintable():
                        found.setdefault(shape, f"{table}.{column}")
    return found


def shapes(value: Any, *, deeper: bool = True) -> Iterator[str]:
    """The value as text, the leaves of JSON, and what base64 or hexadecimal digits stand for; no numbers and times."""
    if isinstance(value, (dict, list)):
        for member in value if isinstance(value, list) else (*value.keys(), *value.values()):
            yield from shapes(member)
    elif isinstance(value, bytes):
        yield from _of_bytes(value, deeper=deeper)
    elif isinstance(value, str):
        yield from _of_text(value, deeper=deeper)
    elif isinstance(value, UUID):
        yield str(value)


def _of_text(value: str, *, deeper: bool) -> Iterator[str]:
    if _MOMENT.match(value):
        return
    yield value
    yield from value.split() if " " in value else ()
    if not deeper:
        return
    with suppress(ValueError):
        yield from shapes(json.loads(value)) if value[:1] in '{["' else ()
    for decode in (bytes.fromhex, b64decode, _unpadded):
        with suppress(ValueError, NotBase64):
            yield from _of_bytes(decode(value), deeper=False)


def _unpadded(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _of_bytes(value: bytes, *, deeper: bool) -> Iterator[str]:
    with suppress(UnicodeDecodeError):
        yield from _of_text(value.decode(), deeper=deeper)
    if deeper:
        yield from (value.hex(), b64encode(value).decode(), urlsafe_b64encode(value).decode().rstrip("="))


async def image_of(database: Database) -> bytes:
    """The bytes that a thief has: the files of SQLite, or what COPY writes of every table of PostgreSQL."""
    url = make_url(str(database.engine.url))
    if database.engine.dialect.name == "sqlite":
        file = Path(str(url.database))
        return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    written = bytearray()
    async with database.engine.connect() as connection:
        names = await connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        )
        raw = (await connection.get_raw_connection()).driver_connection

        async def take(data: bytes) -> None:
            written.extend(data)

        for name in [str(row[0]) for row in names]:
            for form in ("text", "binary"):
                await raw.copy_from_table(name, output=take, format=form)
    return bytes(written)


def traces(secret: str | bytes, image: bytes) -> list[str]:
    """In which spellings the secret stands in the image."""
    plain = secret.encode() if isinstance(secret, str) else secret
    spellings = {
        "as it is": plain,
        "in hexadecimal": plain.hex().encode(),
        "in base64": b64encode(plain).rstrip(b"="),
        "in base64url": urlsafe_b64encode(plain).rstrip(b"="),
        "without its prefix, decoded": _body(plain),
    }
    lowered = image.lower()
    return [
        name
        for name, spelling in spellings.items()
        if spelling and (spelling in image or (name == "in hexadecimal" and spelling in lowered))
    ]


def _body(plain: bytes) -> bytes:
    """The random bytes of one of our opaque tokens."""
    if len(plain) != 52 or plain[3:4] != b"_":
        return b""
    return urlsafe_b64decode(plain[4:])[:32]
