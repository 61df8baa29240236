"""Token families, refresh tokens, and access tokens that were revoked one by one."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

# `address` and `user_agent` are of the last request for tokens that came from elsewhere than those before.
families = sa.Table(
    "families",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column(
        "user_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("audience", Json, nullable=False),
    sa.Column("server_epoch", sa.Integer, nullable=False),
    sa.Column("user_epoch", sa.Integer, nullable=False),
    sa.Column("client_epoch", sa.Integer, nullable=False),
    sa.Column("auth_time", UtcDateTime, nullable=False),
    sa.Column("amr", Json, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("acr", sa.Text),
    sa.Column("session_id", sa.Uuid(as_uuid=False), index=True),
    sa.Column("userinfo_claims", Json),
    sa.Column("address", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("findings", Json),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("ended_reason", sa.Text),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ended"),
)

# Digests only. A family has at most one unspent token: the database says so, whatever a program does.
refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column(
        "family_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("families.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("spent_at", UtcDateTime),
    sa.Column("grace_until", UtcDateTime),
    sa.Column("nonce", sa.LargeBinary),
    sa.Column("successor_digest", sa.LargeBinary, unique=True),
    sa.CheckConstraint("(spent_at IS NULL) = (successor_digest IS NULL)", name="successor"),
    sa.CheckConstraint("nonce IS NULL OR grace_until IS NOT NULL", name="nonce"),
    sa.Index(
        "uq_refresh_tokens_unspent",
        "family_id",
        unique=True,
        postgresql_where=sa.text("spent_at IS NULL"),
        sqlite_where=sa.text("spent_at IS NULL"),
    ),
    sa.Index(
        "ix_refresh_tokens_grace_until",
        "grace_until",
        postgresql_where=sa.text("nonce IS NOT NULL"),
        sqlite_where=sa.text("nonce IS NOT NULL"),
    ),
)

revoked_tokens = sa.Table(
    "revoked_tokens",
    metadata,
    sa.Column("jti", sa.Text, primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)

spent_jtis = sa.Table(
    "spent_jtis",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)
