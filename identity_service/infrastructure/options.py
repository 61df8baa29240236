"""What adapters are told, read from the settings; part of the composition root."""

from identity_service.adapters.crypto.aes_gcm_sealer import parse_master_key
from identity_service.adapters.sql.database import DatabaseOptions
from identity_service.infrastructure.config.master_key import master_key_text
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


def master_key_of(settings: Settings) -> bytes:
    """The bytes of MASTER_KEY. Raises WrongSettings."""
    try:
        return parse_master_key(master_key_text(settings))
    except ValueError as error:
        raise WrongSettings(f"MASTER_KEY: {error}") from None


def own_names_of(settings: Settings) -> frozenset[str]:
    """As whom clients may address this server in their assertions (RFC 7523 §3, OIDC Core §9)."""
    return frozenset((settings.issuer, f"{settings.issuer}/oauth2/token"))
