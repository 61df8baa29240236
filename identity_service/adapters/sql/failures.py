"""What a failure of the database means to the rest of the house."""

from types import TracebackType

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from identity_service.ports.unit_of_work import Conflict, StorageUnavailable

# Constraint (Postgres) or column (SQLite's message) → the member that is taken.
TAKEN = {
    "uq_users_username_key": "username",
    "users.username_key": "username",
    "uq_users_verified_email_key": "email",
    "users.email_key": "email",
    "pk_principals": "id",
    "principals.id": "id",
    "pk_clients": "client_id",
    "clients.client_id": "client_id",
}
# SQLSTATE classes that say "not now": connection, read-only, account, database, transaction rollback, tables or columns
# that the migrations have still to make, resources, locks, operator intervention, system.
PASSING = ("08", "25006", "28", "3D", "40", "42P01", "42703", "53", "55P03", "57", "58")

GONE = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server has said that it ends the connection, whose end is still to come
)
"""Nothing was answered, or nobody was asked."""

WRONG = ("0A", "22", "23", "2B", "42")
"""SQLSTATE classes that blame the statement: unsupported, data, constraints, dependencies, syntax or access."""
NO_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
"""The file is something else, or damaged: somebody has to put the right one in its place."""


class translated:
    """Raises Conflict or StorageUnavailable instead of what the driver raised; anything else is a defect and passes.

    A class, and no generator: each request enters it several times, nearly always for nothing.
    """

    __slots__ = ("_committing",)

    def __init__(self, *, committing: bool = False) -> None:
        self._committing = committing

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            _translate(error, committing=self._committing)


def _translate(error: Exception, *, committing: bool) -> None:
    if isinstance(error, IntegrityError):
        conflict = _conflict(error)
        if conflict is not error:
            raise conflict from error
    elif isinstance(error, GONE):
        raise StorageUnavailable(first_line(error), in_doubt=committing) from error
    elif isinstance(error, (DBAPIError, asyncpg.PostgresError)) and _passing(error):
        answered = getattr(error, "severity_en", None) == "ERROR"  # asyncpg's own: the statement was undone
        raise StorageUnavailable(first_line(error), in_doubt=committing and not answered) from error


def _conflict(error: IntegrityError) -> Exception:
    text = str(error.orig)
    for name, member in TAKEN.items():
        if f'"{name}"' in text or text.endswith(name):
            return Conflict(member)
    return error


def statement_is_wrong(error: DBAPIError) -> bool:
    """Whether the statement itself, or the data it meets, is to blame, and trying again later is no use."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    wrong = state.startswith(WRONG) or getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR"
    return wrong or isinstance(error, IntegrityError)


def _passing(error: DBAPIError | asyncpg.PostgresError) -> bool:
    """Of what Core or the driver raised, whether it will be otherwise later."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(PASSING)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if getattr(error.orig, "sqlite_errorname", None) in NO_DATABASE:
        return True
    return error.connection_invalidated or state.startswith(PASSING)


def first_line(error: BaseException) -> str:
    """What the driver says, without the statement and its parameters."""
    first = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return first or type(error).__name__
