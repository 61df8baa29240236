"""Keys of clients that sign, which of their assertions were used, and logos of clients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# SQLite takes a rule with its column and at no other time.
SIGNING_ALG = (
    "TEXT CONSTRAINT ck_clients_auth_signing_alg "
    "CHECK (token_endpoint_auth_signing_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA'))"
)
LOGO_URI = {"postgresql": "metadata ->> 'logo_uri'", "sqlite": "json_extract(metadata, '$.logo_uri')"}
# Logos that were registered before are fetched soon: since they were is long enough ago.
WANT_LOGOS = (
    "INSERT INTO client_logos (client_id, logo_uri, failures, due_at) "
    "SELECT client_id, {uri}, 0, created_at FROM clients WHERE deleted_at IS NULL AND {uri} IS NOT NULL"
)


def upgrade() -> None:
    op.add_column("clients", sa.Column("jwks", JSON, nullable=True))
    op.add_column("clients", sa.Column("jwks_uri", sa.Text(), nullable=True))
    op.execute(f"ALTER TABLE clients ADD COLUMN token_endpoint_auth_signing_alg {SIGNING_ALG}")

    op.create_table(
        "spent_jtis",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_jtis"),
    )
    op.create_index("ix_spent_jtis_expires_at", "spent_jtis", ["expires_at"])

    op.add_column("clients", sa.Column("logo_digest", sa.Text(), nullable=True))
    op.create_table(
        "client_logos",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("logo_uri", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_client_logos_client_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id", name="pk_client_logos"),
    )
    op.create_index("ix_client_logos_digest", "client_logos", ["digest"])
    op.create_index("ix_client_logos_due_at", "client_logos", ["due_at"])
    op.execute(WANT_LOGOS.format(uri=LOGO_URI[op.get_context().dialect.name]))


def downgrade() -> None:
    op.drop_table("client_logos")
    op.drop_column("clients", "logo_digest")
    op.drop_table("spent_jtis")
    for column in ("token_endpoint_auth_signing_alg", "jwks_uri", "jwks"):
        op.drop_column("clients", column)
