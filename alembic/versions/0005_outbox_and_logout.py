"""Messages that are delivered later, and what clients are told when a session ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LOGOUT_URIS = ("backchannel_logout_uri", "frontchannel_logout_uri")
SESSION_REQUIRED = ("backchannel_logout_session_required", "frontchannel_logout_session_required")
# Who got an ID token in a session that still goes on.
REMEMBER_CLIENTS = """
INSERT INTO session_clients (session_id, client_id, subject)
SELECT session_id, client_id, max(subject) FROM families
WHERE session_id IN (SELECT id FROM sessions) AND ' ' || scope || ' ' LIKE '% openid %'
GROUP BY session_id, client_id
"""
WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'delivered', 'dead')", name=op.f("ck_outbox_status")),
        sa.CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name=op.f("ck_outbox_settled")),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"], postgresql_where=WAITING, sqlite_where=WAITING)
    op.create_index("ix_outbox_give_up_at", "outbox", ["give_up_at"])
    op.create_index("ix_outbox_settled_at", "outbox", ["settled_at"])

    op.create_table(
        "session_clients",
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name="fk_session_clients_client_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_session_clients_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "client_id", name="pk_session_clients"),
    )
    op.create_index("ix_session_clients_client_id", "session_clients", ["client_id"])
    op.execute(REMEMBER_CLIENTS)

    for column in LOGOUT_URIS:
        op.add_column("clients", sa.Column(column, sa.Text(), nullable=True))
    for column in SESSION_REQUIRED:
        op.add_column("clients", sa.Column(column, sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for column in (*LOGOUT_URIS, *SESSION_REQUIRED):
        op.drop_column("clients", column)
    op.drop_table("session_clients")
    op.drop_table("outbox")
