"""Where a family is refreshed from, and what was suspicious about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("families", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("families", sa.Column("user_agent", sa.Text(), nullable=True))
    op.add_column("families", sa.Column("findings", JSON, nullable=True))


def downgrade() -> None:
    for column in ("findings", "user_agent", "address"):
        op.drop_column("families", column)
