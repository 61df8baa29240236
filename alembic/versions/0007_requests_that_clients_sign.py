"""How clients sign their requests, whether they have to, and where they publish them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# SQLite takes a rule with its column and at no other time.
SIGNING_ALG = (
    "TEXT CONSTRAINT ck_clients_request_object_alg "
    "CHECK (request_object_signing_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA'))"
)


def upgrade() -> None:
    op.add_column("clients", sa.Column("request_uris", JSON, server_default="[]", nullable=False))
    op.execute(f"ALTER TABLE clients ADD COLUMN request_object_signing_alg {SIGNING_ALG}")
    op.add_column(
        "clients",
        sa.Column("require_signed_request_object", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("clients", "require_signed_request_object")
    op.drop_column("clients", "request_object_signing_alg")
    op.drop_column("clients", "request_uris")
