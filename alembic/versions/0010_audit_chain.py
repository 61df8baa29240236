"""The chain over the events, what is signed about it, and its keys."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

UNCHAINED = sa.text("chain_position IS NULL")
UNDELIVERED = sa.text("delivered_at IS NULL")
HASH_BYTES = 32


def upgrade() -> None:
    op.add_column("events", sa.Column("client_id", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("request_id", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("transaction_id", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("events", sa.Column("personal_digest", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_events_unchained",
        "events",
        ["transaction_id", "id"],
        postgresql_where=UNCHAINED,
        sqlite_where=UNCHAINED,
    )

    op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    head = sa.table(
        "audit_head",
        sa.column("id", sa.SmallInteger),
        sa.column("size", sa.BigInteger),
        sa.column("link", sa.LargeBinary),
        sa.column("frontier", sa.LargeBinary),
    )
    op.execute(head.insert().values(id=1, size=0, link=bytes(HASH_BYTES), frontier=b""))
    op.create_table(
        "audit_statements",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('checkpoint', 'removal')", name=op.f("ck_audit_statements_kind")),
        sa.PrimaryKeyConstraint("kind", "size", name="pk_audit_statements"),
    )
    op.create_index(
        "ix_audit_statements_undelivered",
        "audit_statements",
        ["made_at"],
        postgresql_where=UNDELIVERED,
        sqlite_where=UNDELIVERED,
    )
    op.create_table(
        "audit_keys",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('sign', 'personal_data')", name=op.f("ck_audit_keys_purpose")),
        sa.PrimaryKeyConstraint("purpose", name="pk_audit_keys"),
    )
    op.create_table(
        "subject_salts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_subject_salts"),
    )


def downgrade() -> None:
    # What was sealed cannot be read without the keys that go here.
    op.execute(
        "DELETE FROM event_personal_data WHERE event_id IN "
        "(SELECT id FROM events WHERE personal_digest IS NOT NULL)"
    )
    op.execute("UPDATE events SET chain_position = NULL, chain_hash = NULL WHERE chain_position IS NOT NULL")
    for table in ("subject_salts", "audit_keys", "audit_statements", "audit_head"):
        op.drop_table(table)
    op.drop_index("ix_events_unchained", "events")
    for column in ("personal_digest", "transaction_id", "request_id", "client_id"):
        op.drop_column("events", column)
