"""Keys of clients that sign, and which of their assertions were used."""

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


def downgrade() -> None:
    op.drop_table("spent_jtis")
    for column in ("token_endpoint_auth_signing_alg", "jwks_uri", "jwks"):
        op.drop_column("clients", column)
