"""Clients, their secrets, and the audiences that tokens are meant for."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("client_id", sa.Text, primary_key=True),
    sa.Column("client_name", sa.Text, nullable=False),
    sa.Column("grant_types", Json, nullable=False),
    sa.Column("response_types", Json, nullable=False),
    sa.Column("redirect_uris", Json, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("token_endpoint_auth_method", sa.Text),
    sa.Column("resource_server", sa.Boolean, nullable=False),
    sa.Column("access_token_ttl", sa.Integer),
    sa.Column("refresh_token_ttl", sa.Integer),
    sa.Column("refresh_reuse_grace", sa.Integer),
    sa.Column("access_token_signed_response_alg", sa.Text),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
    sa.CheckConstraint("epoch >= 1", name="epoch"),
    sa.CheckConstraint(
        "access_token_signed_response_alg IN ('RS256', 'PS256', 'ES256', 'EdDSA')", name="access_token_alg"
    ),
    sa.Index("ix_clients_created_at_client_id", "created_at", "client_id"),
    sa.Index("ix_clients_client_name_client_id", "client_name", "client_id"),
    sa.Index("ix_clients_deleted_at", "deleted_at"),
)

client_secrets = sa.Table(
    "client_secrets",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("stored", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, index=True),
    sa.CheckConstraint("scheme IN ('sha256', 'password')", name="scheme"),
)

audiences = sa.Table(
    "audiences",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("uri", sa.Text, nullable=False, unique=True),
    sa.Column("scope", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

audience_introspectors = sa.Table(
    "audience_introspectors",
    metadata,
    sa.Column(
        "audience_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("audiences.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)
