"""First tables: accounts, clients, tokens, keys, events and the feed of endings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audiences"),
        sa.UniqueConstraint("uri", name="uq_audiences_uri"),
    )
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("grant_types", JSON, nullable=False),
        sa.Column("response_types", JSON, nullable=False),
        sa.Column("redirect_uris", JSON, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("token_endpoint_auth_method", sa.Text(), nullable=True),
        sa.Column("resource_server", sa.Boolean(), nullable=False),
        sa.Column("access_token_ttl", sa.Integer(), nullable=True),
        sa.Column("refresh_token_ttl", sa.Integer(), nullable=True),
        sa.Column("refresh_reuse_grace", sa.Integer(), nullable=True),
        sa.Column("access_token_signed_response_alg", sa.Text(), nullable=True),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "access_token_signed_response_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA')",
            name=op.f("ck_clients_access_token_alg"),
        ),
        sa.CheckConstraint("epoch >= 1", name=op.f("ck_clients_epoch")),
        sa.PrimaryKeyConstraint("client_id", name="pk_clients"),
    )
    op.create_index("ix_clients_client_name_client_id", "clients", ["client_name", "client_id"])
    op.create_index("ix_clients_created_at_client_id", "clients", ["created_at", "client_id"])
    op.create_index("ix_clients_deleted_at", "clients", ["deleted_at"])

    op.create_table(
        "endings",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_endings"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_endings_created_at", "endings", ["created_at"])
    op.create_index("ix_endings_transaction_id", "endings", ["transaction_id"])

    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("chain_position", sa.BigInteger(), nullable=True),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("chain_position", name="uq_events_chain_position"),
    )
    op.create_index("ix_events_occurred_at", "events", ["occurred_at"])
    op.create_index("ix_events_subject", "events", ["subject"])

    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "principals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('user', 'client')", name=op.f("ck_principals_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_principals"),
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name="pk_revoked_tokens"),
    )
    op.create_index("ix_revoked_tokens_expires_at", "revoked_tokens", ["expires_at"])

    op.create_table(
        "server_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_server_state_one_row")),
        sa.PrimaryKeyConstraint("id", name="pk_server_state"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("public_jwk", JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verify_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('next', 'current', 'retired')", name=op.f("ck_signing_keys_status")),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
    )
    op.create_index("ix_signing_keys_verify_until", "signing_keys", ["verify_until"])
    op.create_index(
        "uq_signing_keys_current",
        "signing_keys",
        ["alg"],
        unique=True,
        postgresql_where=sa.text("status = 'current'"),
        sqlite_where=sa.text("status = 'current'"),
    )
    op.create_index(
        "uq_signing_keys_next",
        "signing_keys",
        ["alg"],
        unique=True,
        postgresql_where=sa.text("status = 'next'"),
        sqlite_where=sa.text("status = 'next'"),
    )

    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("username_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "NOT (email_verified AND email_key IS NULL)", name=op.f("ck_users_verified_email")
        ),
        sa.CheckConstraint("epoch >= 1", name=op.f("ck_users_epoch")),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_index("ix_users_deleted_at", "users", ["deleted_at"])
    op.create_index("ix_users_email_key", "users", ["email_key"])
    op.create_index("uq_users_username_key", "users", ["username_key"], unique=True)
    op.create_index(
        "uq_users_verified_email_key",
        "users",
        ["email_key"],
        unique=True,
        postgresql_where=sa.text("email_verified"),
        sqlite_where=sa.text("email_verified"),
    )

    op.create_table(
        "audience_introspectors",
        sa.Column("audience_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"],
            ["audiences.id"],
            name="fk_audience_introspectors_audience_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name="fk_audience_introspectors_client_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("audience_id", "client_id", name="pk_audience_introspectors"),
    )
    op.create_index("ix_audience_introspectors_client_id", "audience_introspectors", ["client_id"])

    op.create_table(
        "client_secrets",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scheme IN ('sha256', 'password')", name=op.f("ck_client_secrets_scheme")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_client_secrets_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_client_secrets"),
    )
    op.create_index("ix_client_secrets_client_id", "client_secrets", ["client_id"])
    op.create_index("ix_client_secrets_expires_at", "client_secrets", ["expires_at"])

    op.create_table(
        "event_personal_data",
        sa.Column("event_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_event_personal_data_event_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_personal_data"),
    )
    op.create_index("ix_event_personal_data_subject", "event_personal_data", ["subject"])

    op.create_table(
        "families",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("server_epoch", sa.Integer(), nullable=False),
        sa.Column("user_epoch", sa.Integer(), nullable=False),
        sa.Column("client_epoch", sa.Integer(), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amr", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name=op.f("ck_families_ended")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_families_client_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_families_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_families"),
    )
    op.create_index("ix_families_client_id", "families", ["client_id"])
    op.create_index("ix_families_expires_at", "families", ["expires_at"])
    op.create_index("ix_families_user_id", "families", ["user_id"])

    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("family_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        sa.Column("successor_digest", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(spent_at IS NULL) = (successor_digest IS NULL)", name=op.f("ck_refresh_tokens_successor")
        ),
        sa.CheckConstraint("nonce IS NULL OR grace_until IS NOT NULL", name=op.f("ck_refresh_tokens_nonce")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["families.id"], name="fk_refresh_tokens_family_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_refresh_tokens"),
        sa.UniqueConstraint("successor_digest", name="uq_refresh_tokens_successor_digest"),
    )
    op.create_index("ix_refresh_tokens_family_id", "refresh_tokens", ["family_id"])
    op.create_index(
        "ix_refresh_tokens_grace_until",
        "refresh_tokens",
        ["grace_until"],
        postgresql_where=sa.text("nonce IS NOT NULL"),
        sqlite_where=sa.text("nonce IS NOT NULL"),
    )
    op.create_index(
        "uq_refresh_tokens_unspent",
        "refresh_tokens",
        ["family_id"],
        unique=True,
        postgresql_where=sa.text("spent_at IS NULL"),
        sqlite_where=sa.text("spent_at IS NULL"),
    )
    op.execute("INSERT INTO server_state (id, epoch) VALUES (1, 1)")


def downgrade() -> None:
    for table in (
        "refresh_tokens",
        "families",
        "event_personal_data",
        "client_secrets",
        "audience_introspectors",
        "users",
        "signing_keys",
        "server_state",
        "revoked_tokens",
        "principals",
        "leases",
        "events",
        "endings",
        "clients",
        "audiences",
    ):
        op.drop_table(table)
