"""What the command line says about a fault that can be foreseen: one line that names what to do."""

import re
from collections.abc import Callable, Iterator
from typing import Any

NO_TABLES = "the database has no tables yet: run `identity-service db upgrade`"
NO_TABLE = re.compile(r"no such table|relation .* does not exist")
"""As SQLite and PostgreSQL say it."""


def explained(error: Exception) -> str | None:
    """One line, or None for what nobody foresaw (which deserves its traceback)."""
    for kind, explanation in _explanations():
        if isinstance(error, kind):
            return " ".join(explanation(error).split())
    return None


def _explanations() -> Iterator[tuple[type[Exception], Callable[[Any], str]]]:
    # Imported when something went wrong: the help of a command needs none of it.
    from alembic.util import CommandError

    from identity_service.adapters.sql.migrations import MigrationFailed
    from identity_service.application.use_cases.keys.add_key import KeyConflict
    from identity_service.application.use_cases.keys.rotate_keys import KeyFromSettings
    from identity_service.application.use_cases.keys.sealing import KeysUnreadable
    from identity_service.domain.refusals import NotFound, OutOfState, Unacceptable
    from identity_service.infrastructure.config.settings import WrongSettings
    from identity_service.ports.security import HashingBusy, Unsealable
    from identity_service.ports.unit_of_work import Conflict, StorageUnavailable

    yield WrongSettings, lambda error: "; ".join(str(error).splitlines())
    yield KeysUnreadable, str
    yield KeyConflict, str
    yield KeyFromSettings, str
    yield Unsealable, _unsealable
    yield Unacceptable, _unacceptable
    yield OutOfState, str
    yield NotFound, lambda error: "there is no such user or client"
    yield HashingBusy, lambda error: f"{error}: try again then"
    yield Conflict, lambda error: f"{error}: choose another {error.member}"
    yield StorageUnavailable, _storage
    yield CommandError, _migration
    yield MigrationFailed, str
    yield OSError, _system


def _unsealable(error: Any) -> str:
    wanted = f" (it was sealed under key {error.key_id})" if error.key_id else ""
    return (
        f"MASTER_KEY is not the key that this database's keys were sealed under{wanted}: "
        "set the former MASTER_KEY"
    )


def _unacceptable(error: Any) -> str:
    """With a colon: some descriptions are what the member must be, others sentences of their own."""
    return "; ".join(
        f"{fault.member}: {fault.description.removeprefix(f'{fault.member} ')}" for fault in error.faults
    )


def _storage(error: Any) -> str:
    text = str(error)
    if NO_TABLE.search(text):
        return NO_TABLES
    if "unable to open database file" in text:
        return "the database file cannot be opened: let its folder exist and be writable (DATABASE_URL, DATA_DIR)"
    return f"the database cannot be used: {text} (check DATABASE_URL, or run `identity-service doctor`)"


def _migration(error: Exception) -> str:
    return f"{error}: this program does not know that revision (`identity-service db current` shows what it knows)"


def _system(error: OSError) -> str:
    named = f"{error.filename}: " if error.filename else ""
    return f"{named}{error.strerror or error}"
