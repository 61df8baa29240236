"""What happened (`events`) and what it ended (`endings`, the revocation feed)."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Sequence, metadata

# Append-only. `payload` is the canonical form that a chain can be computed over; what is about a person stands apart,
# so that it can be erased without touching the log.
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, index=True),
    sa.Column("occurred_at", UtcDateTime, nullable=False, index=True),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("client_id", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("transaction_id", sa.BigInteger, nullable=False, server_default="0"),
    # Of the chain (schema/audit.py), which comes afterwards.
    sa.Column("personal_digest", sa.LargeBinary),
    sa.Column("chain_position", sa.BigInteger, unique=True),
    sa.Column("chain_hash", sa.LargeBinary),
    sa.Index(
        "ix_events_unchained",
        "transaction_id",
        "id",
        postgresql_where=sa.text("chain_position IS NULL"),
        sqlite_where=sa.text("chain_position IS NULL"),
    ),
)

event_personal_data = sa.Table(
    "event_personal_data",
    metadata,
    sa.Column(
        "event_id", sa.Uuid(as_uuid=False), sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("subject", sa.Text, index=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

endings = sa.Table(
    "endings",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("transaction_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)
