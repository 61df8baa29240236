"""The chain over the events: where it ends, what was signed about it, and the keys for that."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import metadata

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("link", sa.LargeBinary, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),  # its hashes, one after the other
    sa.CheckConstraint("id = 1", name="one_row"),
)

audit_statements = sa.Table(
    "audit_statements",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("delivered_at", UtcDateTime),
    sa.CheckConstraint("kind IN ('checkpoint', 'removal')", name="kind"),
    sa.Index(
        "ix_audit_statements_undelivered",
        "made_at",
        postgresql_where=sa.text("delivered_at IS NULL"),
        sqlite_where=sa.text("delivered_at IS NULL"),
    ),
)

audit_keys = sa.Table(
    "audit_keys",
    metadata,
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("kid", sa.Text, nullable=False),
    sa.Column("public", sa.LargeBinary),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("purpose IN ('sign', 'personal_data')", name="purpose"),
)

subject_salts = sa.Table(
    "subject_salts",
    metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
)
