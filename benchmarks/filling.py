"""Fills a PostgreSQL by COPY, some hundred thousand rows a second: users, families, live refresh tokens; codes."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import asyncpg

from identity_service.domain.value_objects.secret import OpaqueKind, digest, opaque_token

ROWS_A_BLOCK = 5000
TOKENS_A_USER = 10
LEAST_USERS = 1000
USER = "01900000-0000-7000-8000-{:012x}"
FAMILY = "01900001-0000-7000-8000-{:012x}"
CODE_FAMILY = "01900002-0000-7000-8000-{:012x}"
"""Ids in the order of time, as the server's own are (UUIDv7)."""
SCATTER = 7919
"""A prime: neighbouring families belong to users far apart."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What is known of the new rows: refresh tokens and families spread evenly over them."""

    tokens: int
    users: int
    refresh_tokens: tuple[str, ...]
    families: tuple[tuple[str, str], ...]
    """(family, user)."""


async def fill(url: str, *, tokens: int, known: int) -> Filled:
    """Add this many live tokens like the newest one there is; `known` of them are told.

    Foreign keys are not checked row by row: the rows are made to fit.
    """
    users = max(LEAST_USERS, tokens // TOKENS_A_USER)
    step = max(1, tokens // known)
    told = {
        at: opaque_token(OpaqueKind.REFRESH_TOKEN, secrets.token_bytes(32)).reveal()
        for at in range(0, tokens, step)
    }
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")
        model = await connection.fetchrow(
            "SELECT client_id, scope, audience::text, amr::text, server_epoch, client_epoch FROM families"
            " ORDER BY created_at DESC LIMIT 1"
        )
        now = (await connection.fetchval("SELECT now()")).isoformat()
        later = (await connection.fetchval("SELECT now() + interval '7 days'")).isoformat()
        await _copy(connection, "principals", "id,kind", users, lambda at: f"{USER.format(at)}\tuser\n")
        await _copy(
            connection,
            "users",
            "id,username,username_key,email_verified,admin,active,epoch,version,created_at,updated_at",
            users,
            lambda at: f"{USER.format(at)}\tfill-{at}\tfill-{at}\tf\tf\tt\t1\t1\t{now}\t{now}\n",
        )
        fixed = (
            f"{model['client_id']}\t{{}}\t{model['scope']}\t{model['audience']}\t{model['server_epoch']}\t1\t"
            f"{model['client_epoch']}\t{now}\t{model['amr']}\t{now}\t{later}\n"
        )
        before, after = fixed.split("{}")
        await _copy(
            connection,
            "families",
            "id,client_id,user_id,scope,audience,server_epoch,user_epoch,client_epoch,auth_time,amr,"
            "created_at,expires_at",
            tokens,
            lambda at: f"{FAMILY.format(at)}\t{before}{USER.format(at * SCATTER % users)}{after}",
        )

        def refresh_token(at: int) -> str:
            kept = digest(told[at]) if at in told else hashlib.sha256(at.to_bytes(8, "big")).digest()
            return f"\\\\x{kept.hex()}\t{FAMILY.format(at)}\t{now}\n"

        await _copy(connection, "refresh_tokens", "digest,family_id,created_at", tokens, refresh_token)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return Filled(
        tokens=tokens,
        users=users,
        refresh_tokens=tuple(secrets.SystemRandom().sample(list(told.values()), len(told))),
        families=tuple((FAMILY.format(at), USER.format(at * SCATTER % users)) for at in told),
    )


async def fill_codes(url: str, count: int) -> list[str]:
    """Add this many codes like the newest one there is, unspent and good for a day; answers them."""
    codes = [
        opaque_token(OpaqueKind.AUTHORIZATION_CODE, secrets.token_bytes(32)).reveal() for _ in range(count)
    ]
    connection = await asyncpg.connect(url)
    try:
        columns = [
            row["column_name"]
            for row in await connection.fetch(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'authorization_codes'"
            )
        ]
        own = ("digest", "family_id", "expires_at", "spent_at")
        alike = [name for name in columns if name not in own]
        model = await connection.fetchrow(
            f"SELECT {', '.join(f'{name}::text' for name in alike)},"
            " (now() + interval '1 day')::text AS expires_at"
            " FROM authorization_codes ORDER BY created_at DESC LIMIT 1"
        )
        fixed = {name: "\\N" if value is None else value for name, value in model.items()}
        rest = "\t".join(fixed[name] for name in (*alike, "expires_at"))
        await _copy(
            connection,
            "authorization_codes",
            ",".join(("digest", "family_id", *alike, "expires_at")),
            count,
            lambda at: f"\\\\x{digest(codes[at]).hex()}\t{CODE_FAMILY.format(at)}\t{rest}\n",
        )
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    return codes


async def _copy(
    connection: asyncpg.Connection, table: str, columns: str, count: int, line: Callable[[int], str]
) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, count, ROWS_A_BLOCK):
            yield "".join([line(at) for at in range(start, min(start + ROWS_A_BLOCK, count))]).encode()

    await connection.copy_to_table(table, source=blocks(), columns=columns.split(","), format="text")
