"""What is to reach others: messages that were written with what caused them, and wait for their delivery."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

# Ids are in order of time. Whoever takes a message moves `due_at` to where the attempt counts as lost.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("give_up_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("last_error", sa.Text),
    sa.CheckConstraint("status IN ('waiting', 'delivered', 'dead')", name="status"),
    sa.CheckConstraint("(status = 'waiting') = (settled_at IS NULL)", name="settled"),
    sa.Index(
        "ix_outbox_due_at",
        "due_at",
        postgresql_where=sa.text("status = 'waiting'"),
        sqlite_where=sa.text("status = 'waiting'"),
    ),
    sa.Index("ix_outbox_settled_at", "settled_at"),
    sa.Index("ix_outbox_give_up_at", "give_up_at"),
)
