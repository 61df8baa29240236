"""The tables, a file per topic; the migrations are checked against them."""

from identity_service.adapters.sql.schema import (
    accounts,
    audit,
    clients,
    history,
    keys,
    outbox,
    registration,
    sign_in,
    tokens,
)
from identity_service.adapters.sql.schema.metadata import metadata

__all__ = [
    "accounts",
    "audit",
    "clients",
    "history",
    "keys",
    "metadata",
    "outbox",
    "registration",
    "sign_in",
    "tokens",
]
