"""Tokens by which programs register themselves, and look after what they registered."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import metadata

# Ids are in order of time.
initial_access_tokens = sa.Table(
    "initial_access_tokens",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("note", sa.Text),
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("uses_left", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("revoked_at", UtcDateTime),
    sa.CheckConstraint("uses_left BETWEEN 0 AND uses", name="uses_left"),
)

registration_access_tokens = sa.Table(
    "registration_access_tokens",
    metadata,
    sa.Column("client_id", sa.Text, sa.ForeignKey("clients.client_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
)
