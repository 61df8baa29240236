"""What OpenID Connect registers about clients, and what it says about people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ALGORITHMS = "('RS256', 'PS256', 'ES256', 'EdDSA')"
# SQLite takes a rule with its column and at no other time; to make the table anew would empty those that refer to it.
WITH_RULES = {
    "subject_type": (
        "TEXT DEFAULT 'public' NOT NULL CONSTRAINT ck_clients_subject_type "
        "CHECK (subject_type IN ('public', 'pairwise'))"
    ),
    "application_type": (
        "TEXT DEFAULT 'web' NOT NULL CONSTRAINT ck_clients_application_type "
        "CHECK (application_type IN ('web', 'native'))"
    ),
    "id_token_signed_response_alg": (
        f"TEXT CONSTRAINT ck_clients_id_token_alg CHECK (id_token_signed_response_alg IN {ALGORITHMS})"
    ),
    "userinfo_signed_response_alg": (
        f"TEXT CONSTRAINT ck_clients_userinfo_alg CHECK (userinfo_signed_response_alg IN {ALGORITHMS})"
    ),
    "default_max_age": "INTEGER CONSTRAINT ck_clients_default_max_age CHECK (default_max_age >= 0)",
}
# A client of before keeps the private-use redirect URIs that only a native one may have from now on.
MARK_NATIVE = {
    "postgresql": "UPDATE clients SET application_type = 'native' "
    "WHERE EXISTS (SELECT 1 FROM jsonb_array_elements_text(redirect_uris) AS registered(uri) "
    "WHERE uri NOT ILIKE 'https://%' AND uri NOT ILIKE 'http://%')",
    "sqlite": "UPDATE clients SET application_type = 'native' "
    "WHERE EXISTS (SELECT 1 FROM json_each(redirect_uris) "
    "WHERE value NOT LIKE 'https://%' AND value NOT LIKE 'http://%')",
}


def upgrade() -> None:
    for column, definition in WITH_RULES.items():
        op.execute(f"ALTER TABLE clients ADD COLUMN {column} {definition}")
    op.add_column(
        "clients", sa.Column("post_logout_redirect_uris", JSON, server_default="[]", nullable=False)
    )
    op.add_column("clients", sa.Column("sector_identifier_uri", sa.Text(), nullable=True))
    op.add_column(
        "clients", sa.Column("require_auth_time", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("clients", sa.Column("default_acr_values", JSON, server_default="[]", nullable=False))
    op.add_column(
        "clients", sa.Column("first_party", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "clients", sa.Column("require_pkce", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.execute(MARK_NATIVE[op.get_context().dialect.name])
    op.add_column("users", sa.Column("profile", JSON, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("users", "profile")
    for column in (
        "require_pkce",
        "first_party",
        "default_acr_values",
        "require_auth_time",
        "sector_identifier_uri",
        "post_logout_redirect_uris",
        *reversed(WITH_RULES),
    ):
        op.drop_column("clients", column)
