"""Which quotas count for a client."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("rate_limit_tier", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("clients", "rate_limit_tier")
