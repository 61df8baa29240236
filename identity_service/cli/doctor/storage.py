"""Is the database there, may it be written, is it at the right revision, does its clock agree with ours?"""

import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import Any

from sqlalchemy import select, text

from identity_service.adapters.sql.database import Database
from identity_service.adapters.sql.dialect import database_now
from identity_service.adapters.sql.migrations import Migrations
from identity_service.adapters.sql.sqlite_files import open_to_others
from identity_service.cli.doctor.finding import Finding, fail, ok, warn
from identity_service.cli.output import shown_url
from identity_service.ports.unit_of_work import StorageUnavailable

NOTICEABLE = timedelta(seconds=1)
HARMFUL = timedelta(seconds=30)
"""Tokens are stamped with the clock of the process and ended by the clock of the database."""
OLDEST_POSTGRES = 150_000


async def check_database(database: Database) -> Finding:
    """Whether it can be reached, and written."""
    name = shown_url(database)
    if (missing := _missing_file(database)) is not None:
        return fail("database", f"there is no file {missing}", "identity-service db upgrade")
    started = time.perf_counter()
    try:
        fault = await _fault(database)
    except StorageUnavailable as error:
        return fail("database", f"{name} cannot be used: {error}", _mend(database))
    if fault:
        return fail(
            "database", f"{name} {fault}", "let DATABASE_URL name the primary of a PostgreSQL 15 or newer"
        )
    answers = f"{name} answers in {(time.perf_counter() - started) * 1000:.0f} ms"
    if database.options.embedded and (seen := open_to_others(database.engine.url.database or "")):
        shown = ", ".join(f"{path} (mode {mode:04o})" for path, mode in seen)
        files = " ".join(quote(str(path)) for path, _ in seen)
        return warn("database", f"{answers}, but not only its owner may open {shown}", f"chmod 600 {files}")
    return ok("database", answers)


def _missing_file(database: Database) -> str | None:
    """Asked first, because SQLite makes a file that is not there."""
    file = database.engine.url.database
    return file if database.options.embedded and file and not Path(file).exists() else None


async def _fault(database: Database) -> str | None:
    if database.options.embedded:
        await _value(database, select(1))  # opens a transaction that writes
        return None
    version = await _value(database, text("SELECT current_setting('server_version_num')::int"))
    if version < OLDEST_POSTGRES:
        return f"is PostgreSQL {version // 10_000}"
    read_only = await _value(database, text("SELECT current_setting('transaction_read_only') = 'on'"))
    return "is read-only" if read_only else None


def _mend(database: Database) -> str:
    if database.options.embedded:
        return (
            "check that file and folder may be written and that the disk is not full (DATABASE_URL, DATA_DIR)"
        )
    return "check that the server runs, and user, password, host and name in DATABASE_URL"


async def check_migrations(migrations: Migrations) -> Finding:
    """Whether the tables are those that this program was written for."""
    current, head = await migrations.current(), migrations.head()
    if current == head:
        return ok("migrations", f"at revision {head}, the newest")
    if current is None:
        return fail("migrations", "there are no tables yet", "identity-service db upgrade")
    if migrations.knows(current):
        return fail(
            "migrations", f"at revision {current}, this program wants {head}", "identity-service db upgrade"
        )
    return fail(
        "migrations",
        f"at revision {current}, which this program does not know: a newer one made it",
        "install the version of identity-service that made it",
    )


async def check_clock(database: Database) -> Finding:
    """How far our clock is from the database's. Half of the round trip is doubt, and counts in our favour."""
    before = time.time()
    theirs = (await _value(database, select(database_now()))).timestamp()
    doubt = (time.time() - before) / 2
    ahead = before + doubt - theirs
    off = timedelta(seconds=max(0.0, abs(ahead) - doubt))
    text_ = (
        f"this machine's clock is {abs(ahead):.3f} s {'ahead of' if ahead > 0 else 'behind'} the database's"
    )
    mend = "let both machines keep time by NTP (timedatectl, chronyc tracking)"
    if off > HARMFUL:
        return fail("clock", f"{text_}: tokens would live longer or shorter than they say", mend)
    return warn("clock", text_, mend) if off > NOTICEABLE else ok("clock", text_)


async def _value(database: Database, statement: Any) -> Any:
    async with AsyncExitStack() as stack:
        session = await database.open(stack, writing=True)
        return (await session.execute(statement)).scalar_one()
