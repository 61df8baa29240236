"""The server itself and the people who have accounts on it."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

server_state = sa.Table(
    "server_state",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("pairwise_salt", sa.LargeBinary),  # random, and the same for ever: see domain/oauth/subjects.py
    sa.Column("master_key_id", sa.Text),  # of the master key that this database was set up with
    sa.CheckConstraint("id = 1", name="one_row"),
)

# Client ids and subjects share one namespace (RFC 9700 §4.15), and neither is ever reused: these rows stay for ever.
principals = sa.Table(
    "principals",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('user', 'client')", name="kind"),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("username_key", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("email_key", sa.Text),
    sa.Column("email_verified", sa.Boolean, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("profile", Json, nullable=False, server_default="{}"),
    sa.Column("password_hash", sa.Text),
    sa.Column("admin", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
    sa.CheckConstraint("epoch >= 1", name="epoch"),
    sa.CheckConstraint("NOT (email_verified AND email_key IS NULL)", name="verified_email"),
    sa.Index("uq_users_username_key", "username_key", unique=True),
    sa.Index(
        "uq_users_verified_email_key",
        "email_key",
        unique=True,
        postgresql_where=sa.text("email_verified"),
        sqlite_where=sa.text("email_verified"),
    ),
    sa.Index("ix_users_email_key", "email_key"),
    sa.Index("ix_users_created_at_id", "created_at", "id"),
    sa.Index("ix_users_deleted_at", "deleted_at"),
)
