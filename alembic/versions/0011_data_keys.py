"""Keys that secrets are sealed with, wrapped by the master key; the first of them are made when a process starts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SEALED = {
    "postgresql": "SELECT count(*) FROM signing_keys s JOIN data_keys d "
    "ON encode(substr(s.sealed, 2, 8), 'hex') = d.id",
    "sqlite": "SELECT count(*) FROM signing_keys s JOIN data_keys d ON lower(hex(substr(s.sealed, 2, 8))) = d.id",
}


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('seal', 'digest')", name=op.f("ck_data_keys_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_keys")),
    )
    op.create_index(
        "uq_data_keys_current",
        "data_keys",
        ["purpose"],
        unique=True,
        postgresql_where=sa.text("current"),
        sqlite_where=sa.text("current"),
    )


def downgrade() -> None:
    """Refused while secrets are sealed with these keys: without them nobody could open those any more."""
    dialect = op.get_bind().dialect.name
    if not op.get_context().as_sql and op.get_bind().execute(sa.text(SEALED[dialect])).scalar_one():
        raise RuntimeError("signing keys are sealed with data keys: they would be lost with this table")
    op.drop_index("uq_data_keys_current", table_name="data_keys")
    op.drop_table("data_keys")
