"""What adapters are told, read from the settings; part of the composition root."""

from identity_service.adapters.crypto.key_encryption import (
    LocalKeyEncryption,
    MasterKey,
    in_environment,
    in_file,
)
from identity_service.adapters.sql.database import DatabaseOptions
from identity_service.infrastructure.config.master_key import master_key_file
from identity_service.infrastructure.config.settings import Settings, WrongSettings


def database_options_of(settings: Settings, side: str) -> DatabaseOptions:
    """The database of this side, and how long anything there may take."""
    return DatabaseOptions(
        url=settings.database_read_url if side == "query" else settings.database_url,
        pool_size=settings.database_pool_size,
        pool_timeout=settings.database_pool_timeout_seconds,
        connect_timeout=settings.database_connect_timeout_seconds,
        statement_timeout=settings.database_statement_timeout_seconds,
    )


def key_encryption_of(settings: Settings) -> LocalKeyEncryption:
    """What wraps data keys: MASTER_KEY, or the file in DATA_DIR; MASTER_KEY_FORMER unwraps too.

    Raises WrongSettings.
    """
    return LocalKeyEncryption(_master_key(settings), [_former(line) for line in former_lines(settings)])


def _master_key(settings: Settings) -> MasterKey:
    if settings.master_key is not None:
        return _named("MASTER_KEY", in_environment(settings.master_key.get_secret_value()))
    return _named("MASTER_KEY", in_file(master_key_file(settings)))


def former_lines(settings: Settings) -> list[str]:
    """The former master keys, as they are written."""
    text = "" if settings.master_key_former is None else settings.master_key_former.get_secret_value()
    return [line for line in text.splitlines() if line.strip()]


def _former(line: str) -> MasterKey:
    return _named("MASTER_KEY_FORMER", in_environment(line))


def _named(variable: str, key: MasterKey) -> MasterKey:
    """The same key; what is wrong with it is told by the name of the variable."""

    def read() -> bytes:
        try:
            return key()
        except ValueError as error:
            raise WrongSettings(f"{variable}: {error}") from None

    return read


def own_names_of(settings: Settings) -> frozenset[str]:
    """As whom clients may address this server in their assertions (RFC 7523 §3, OIDC Core §9)."""
    return frozenset((settings.issuer, f"{settings.issuer}/oauth2/token"))
