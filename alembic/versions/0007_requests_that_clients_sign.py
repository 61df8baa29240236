"""How clients sign their requests, and whether they have to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite takes a rule with its column and at no other time.
SIGNING_ALG = (
    "TEXT CONSTRAINT ck_clients_request_object_alg "
    "CHECK (request_object_signing_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA'))"
)


def upgrade() -> None:
    op.execute(f"ALTER TABLE clients ADD COLUMN request_object_signing_alg {SIGNING_ALG}")
    op.add_column(
        "clients",
        sa.Column("require_signed_request_object", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("clients", "require_signed_request_object")
    op.drop_column("clients", "request_object_signing_alg")
