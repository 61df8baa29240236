"""People signed in with a browser, what they are being asked, what they agreed to, and the codes that came of it."""

import sqlalchemy as sa

from identity_service.adapters.sql.dialect import UtcDateTime
from identity_service.adapters.sql.schema.metadata import Json, metadata

# `digest` is of the cookie. The epochs are those of the sign-in: a lower one than today's is dead for ever.
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column(
        "user_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("server_epoch", sa.Integer, nullable=False),
    sa.Column("user_epoch", sa.Integer, nullable=False),
    sa.Column("auth_time", UtcDateTime, nullable=False),
    sa.Column("amr", Json, nullable=False),
    sa.Column("acr", sa.Text, nullable=False),
    sa.Column("user_agent", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("ended_at", UtcDateTime),
)

# The clients that a session was used for with `openid`. `subject` is what `sub` is to the client where that is not the
# user's id, as in families.
session_clients = sa.Table(
    "session_clients",
    metadata,
    sa.Column(
        "session_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("sessions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("subject", sa.Text),
)

# `browser` is the digest of the cookie of the browser that began; `request` has been checked.
interactions = sa.Table(
    "interactions",
    metadata,
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    sa.Column("browser", sa.LargeBinary, nullable=False),
    sa.Column("request", Json, nullable=False),
    sa.Column("session_id", sa.Uuid(as_uuid=False)),
    sa.Column("signed_in", sa.Boolean, nullable=False),
    sa.Column("account_chosen", sa.Boolean, nullable=False),
    sa.Column("another_account", sa.Boolean, nullable=False),
    sa.Column("consented", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("finished_at", UtcDateTime),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column(
        "user_id", sa.Uuid(as_uuid=False), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("claims", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

# A code is looked up by its digest alone. It outlives its use, so that a second one is recognised.
authorization_codes = sa.Table(
    "authorization_codes",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("family_id", sa.Uuid(as_uuid=False), nullable=False, unique=True),
    sa.Column(
        "client_id",
        sa.Text,
        sa.ForeignKey("clients.client_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column(
        "user_id",
        sa.Uuid(as_uuid=False),
        sa.ForeignKey("users.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
    sa.Column("redirect_uri", sa.Text),
    sa.Column("code_challenge", sa.Text),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("audience", Json, nullable=False),
    sa.Column("nonce", sa.Text),
    sa.Column("id_token_claims", Json, nullable=False),
    sa.Column("userinfo_claims", Json, nullable=False),
    sa.Column("server_epoch", sa.Integer, nullable=False),
    sa.Column("user_epoch", sa.Integer, nullable=False),
    sa.Column("client_epoch", sa.Integer, nullable=False),
    sa.Column("auth_time", UtcDateTime, nullable=False),
    sa.Column("amr", Json, nullable=False),
    sa.Column("acr", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
    sa.Column("spent_at", UtcDateTime),
)
