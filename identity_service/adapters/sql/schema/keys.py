"""Signing keys (sealed), what they are sealed with, and leadership."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.Text, primary_key=True),
    sa.Column("alg", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("public_jwk", Json, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("activated_at", UtcDateTime),
    sa.Column("verify_until", UtcDateTime, index=True),
    sa.CheckConstraint("status IN ('next', 'current', 'retired')", name="status"),
    sa.Index(
        "uq_signing_keys_current",
        "alg",
        unique=True,
        postgresql_where=sa.text("status = 'current'"),
        sqlite_where=sa.text("status = 'current'"),
    ),
    sa.Index(
        "uq_signing_keys_next",
        "alg",
        unique=True,
        postgresql_where=sa.text("status = 'next'"),
        sqlite_where=sa.text("status = 'next'"),
    ),
)

# What secrets are sealed with: keys that the master key wraps.
data_keys = sa.Table(
    "data_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("wrapped_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("purpose IN ('seal', 'digest')", name="purpose"),
    sa.Index(
        "uq_data_keys_current",
        "purpose",
        unique=True,
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    ),
)

# Leadership is a row with an end, judged by the database's clock: SQLite and PgBouncer have no advisory locks.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)
