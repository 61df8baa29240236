"""Clients, their secrets, and the audiences that tokens are meant for."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, JsonOrNull, metadata

ALGORITHMS = "('RS256', 'PS256', 'ES256', 'EdDSA')"

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
    sa.Column("post_logout_redirect_uris", Json, nullable=False, server_default="[]"),
    sa.Column("backchannel_logout_uri", sa.Text),
    sa.Column("backchannel_logout_session_required", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("frontchannel_logout_uri", sa.Text),
    sa.Column("frontchannel_logout_session_required", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("application_type", sa.Text, nullable=False, server_default="web"),
    sa.Column("subject_type", sa.Text, nullable=False, server_default="public"),
    sa.Column("sector_identifier_uri", sa.Text),
    sa.Column("id_token_signed_response_alg", sa.Text),
    sa.Column("userinfo_signed_response_alg", sa.Text),
    sa.Column("default_max_age", sa.Integer),
    sa.Column("require_auth_time", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("default_acr_values", Json, nullable=False, server_default="[]"),
    sa.Column("first_party", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("require_pkce", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("jwks", JsonOrNull),
    sa.Column("jwks_uri", sa.Text),
    sa.Column("token_endpoint_auth_signing_alg", sa.Text),
    sa.Column("request_uris", Json, nullable=False, server_default="[]"),
    sa.Column("request_object_signing_alg", sa.Text),
    sa.Column("require_signed_request_object", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("rate_limit_tier", sa.Text),
    sa.Column("logo_digest", sa.Text),
    sa.Column("registered_by", sa.Text),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
    sa.CheckConstraint("epoch >= 1", name="epoch"),
    sa.CheckConstraint(f"access_token_signed_response_alg IN {ALGORITHMS}", name="access_token_alg"),
    sa.CheckConstraint(f"id_token_signed_response_alg IN {ALGORITHMS}", name="id_token_alg"),
    sa.CheckConstraint(f"userinfo_signed_response_alg IN {ALGORITHMS}", name="userinfo_alg"),
    sa.CheckConstraint(f"token_endpoint_auth_signing_alg IN {ALGORITHMS}", name="auth_signing_alg"),
    sa.CheckConstraint(f"request_object_signing_alg IN {ALGORITHMS}", name="request_object_alg"),
    sa.CheckConstraint("application_type IN ('web', 'native')", name="application_type"),
    sa.CheckConstraint("subject_type IN ('public', 'pairwise')", name="subject_type"),
    sa.CheckConstraint("default_max_age >= 0", name="default_max_age"),
    sa.Index("ix_clients_created_at_client_id", "created_at", "client_id"),
    sa.Index("ix_clients_client_name_client_id", "client_name", "client_id"),
    sa.Index("ix_clients_deleted_at", "deleted_at"),
    sa.Index(
        "ix_clients_registered_by",
        "registered_by",
        postgresql_where=sa.text("registered_by IS NOT NULL"),
        sqlite_where=sa.text("registered_by IS NOT NULL"),
    ),
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

client_logos = sa.Table(
    "client_logos",
    metadata,
    sa.Column("client_id", sa.Text, sa.ForeignKey("clients.client_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("logo_uri", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("due_at", UtcDateTime, index=True),
    sa.Column("digest", sa.Text, index=True),
    sa.Column("media_type", sa.Text),
    sa.Column("body", sa.LargeBinary),
)
