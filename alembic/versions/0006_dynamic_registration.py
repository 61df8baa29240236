"""Clients that register themselves, and the tokens that they do it with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

THEMSELVES = sa.text("registered_by IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "initial_access_tokens",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("uses_left BETWEEN 0 AND uses", name=op.f("ck_initial_access_tokens_uses_left")),
        sa.PrimaryKeyConstraint("id", name="pk_initial_access_tokens"),
        sa.UniqueConstraint("digest", name="uq_initial_access_tokens_digest"),
    )
    op.create_index("ix_initial_access_tokens_expires_at", "initial_access_tokens", ["expires_at"])

    op.create_table(
        "registration_access_tokens",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name="fk_registration_access_tokens_client_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", name="pk_registration_access_tokens"),
    )

    op.add_column("clients", sa.Column("registered_by", sa.Text(), nullable=True))
    op.create_index(
        "ix_clients_registered_by",
        "clients",
        ["registered_by"],
        postgresql_where=THEMSELVES,
        sqlite_where=THEMSELVES,
    )


def downgrade() -> None:
    op.drop_index("ix_clients_registered_by", table_name="clients")
    op.drop_column("clients", "registered_by")
    op.drop_table("registration_access_tokens")
    op.drop_table("initial_access_tokens")
