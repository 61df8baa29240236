"""Which settings there are: a class for each group, a field for each environment variable."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from identity_service.domain.entities.signing_key import SigningAlgorithm
from identity_service.domain.oauth.access_token import LONGEST_LIFE_SECONDS


class ServerSettings(BaseSettings):
    """The server"""

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start with unsafe settings."
    )
    issuer: str = Field(
        "http://127.0.0.1:8000",
        description="The issuer identifier: the https URL under which clients reach this server.",
        max_length=512,
    )
    default_audience: str | None = Field(
        None, description="`aud` of tokens asked for without a `resource`. Default: the issuer."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may call the endpoints meant for browsers, separated by commas."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of your own proxies, separated by commas: what they say of the caller's "
        "address is believed. Default: nobody.",
    )
    proxy_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for",
        description="The one header that TRUSTED_PROXIES write the caller's address to; the other is never read.",
    )
    data_dir: Path = Field(
        Path("var"), description="Folder of the embedded database and of secrets made at first start."
    )
    side: Literal["all", "query", "command"] = Field(
        "all",
        description="What this process serves. `query`: introspection, keys and metadata, from DATABASE_READ_URL "
        "and without any secret; `command`: the rest.",
    )
    max_connections: int = Field(
        10_000,
        ge=10,
        le=1_000_000,
        description="Connections that a process of `serve` holds at once, idle ones included; more are answered 503.",
    )
    shutdown_delay_seconds: float = Field(
        0,
        ge=0,
        le=60,
        description="How long a server that was told to stop still serves while /health/ready says 503: the time "
        "that a load balancer needs to see it.",
    )
    shutdown_grace_seconds: int = Field(
        10, ge=0, le=600, description="How long requests under way may take to finish when the server stops."
    )
    docs: bool = Field(True, description="Serve /docs, /redoc and /openapi.json.")
    fast_path: Literal["early", "on", "off"] = Field(
        "early",
        description="Answer introspection, keys, metadata and /health/live in front of the web framework where that is "
        "possible; `early`: as soon as they are parsed. Answers are the same; ACCESS_LOG turns it off. Unless `off`, "
        "plain requests for tokens skip routing.",
    )


class DatabaseSettings(BaseSettings):
    """Storage"""

    database_url: str = Field(
        "",
        repr=False,
        description="`postgresql://user:password@host/name` or `sqlite:///file`. Default: a file in DATA_DIR.",
    )
    database_read_url: str = Field(
        "",
        repr=False,
        description="What `serve --side query` reads from (it must be the primary; the right to SELECT is enough). "
        "Default: DATABASE_URL.",
    )
    database_pool_size: int = Field(
        10,
        ge=1,
        le=500,
        description="Connections per process for transactions, and as many for single statements.",
    )
    database_pool_timeout_seconds: float = Field(5, gt=0, le=60, description="Wait for a free connection.")
    database_connect_timeout_seconds: float = Field(5, gt=0, le=60, description="Wait for a new connection.")
    database_statement_timeout_seconds: float = Field(
        5, gt=0, le=60, description="Longest time for one statement, or for a lock."
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="`redis://host:6379/0`. Default: none, caches and throttles are per process.",
    )
    redis_timeout_seconds: float = Field(
        0.25, gt=0, le=5, description="Wait for Redis before going on without it."
    )


class SecretSettings(BaseSettings):
    """Secrets"""

    master_key: SecretStr | None = Field(
        None,
        description="32 random bytes as base64: seals keys in the database, derives refresh tokens. "
        "`openssl rand -base64 32`",
    )
    password_pepper: SecretStr | None = Field(
        None, description="Keys the hash of passwords. Changing it invalidates every password."
    )
    jwt_private_key: SecretStr | None = Field(
        None,
        description="Base64 of the PEM of a private key for SIGNING_ALGORITHM. Default: made at first start "
        "and kept sealed in the database.",
    )
    jwt_public_key: str | None = Field(
        None, description="Base64 of the PEM of its public key; checked against the private one."
    )


class TokenSettings(BaseSettings):
    """Tokens and keys"""

    access_token_ttl_seconds: int = Field(
        900, ge=30, le=LONGEST_LIFE_SECONDS, description="Life of an access token."
    )
    refresh_token_ttl_seconds: int = Field(
        2_592_000, ge=60, le=31_536_000, description="Life of a token family, counted from the sign-in."
    )
    refresh_reuse_grace_seconds: int = Field(
        10,
        ge=0,
        le=300,
        description="How long a spent refresh token is answered with the same successor. 0: never.",
    )
    signing_algorithm: SigningAlgorithm = Field(
        "RS256",
        description="What access tokens are signed with, unless their client has an algorithm of its own.",
    )
    client_signing_algorithms: Annotated[tuple[SigningAlgorithm, ...], NoDecode] = Field(
        ("RS256", "PS256", "ES256", "EdDSA"),
        description="What clients may have instead. A key for each is made at the first start and published, so that "
        "it can be used at any time.",
    )
    signing_key_bits: int = Field(2048, ge=2048, le=8192, description="Size of RSA keys made here.")
    signing_key_rotation_days: int = Field(
        90,
        ge=0,
        le=3650,
        description="Age at which the current key kept in the database is replaced. 0: by command only.",
    )
    jwks_max_age_seconds: int = Field(
        300,
        ge=0,
        le=86400,
        description="How long others may cache the key set; a new key waits that long before use.",
    )
    client_secret_overlap_seconds: int = Field(
        86_400,
        ge=0,
        le=31_536_000,
        description="How long the old secret of a client still works after a rotation.",
    )


class PasswordSettings(BaseSettings):
    """Passwords"""

    password_scheme: Literal["bcrypt", "argon2id"] = Field(
        "bcrypt", description="How new passwords are hashed; others are upgraded at the next sign-in."
    )
    bcrypt_cost: int = Field(12, ge=4, le=16, description="bcrypt's cost: each step doubles the time.")
    hashing_threads: int = Field(
        0,
        ge=0,
        le=256,
        description="Threads of a process that hash. 0: one per processor, shared out among the workers.",
    )
    hashing_max_wait_seconds: float = Field(
        10, gt=0, le=120, description="Predicted wait for a hash at which sign-ins are refused with 503."
    )


class LivenessSettings(BaseSettings):
    """Caches and the promise that ended tokens are seen within a second"""

    feed_interval_seconds: float = Field(
        0.2, gt=0, le=0.5, description="How often the feed of endings is read."
    )
    cached_tokens: int = Field(
        100_000, ge=0, le=10_000_000, description="Answers about tokens kept per process. 0: none."
    )
    cached_tokens_megabytes: int = Field(
        64, ge=1, le=100_000, description="Memory for these answers; the oldest make room."
    )
    ended_window_tags: int = Field(
        1_000_000,
        ge=1000,
        le=100_000_000,
        description="Endings remembered per process; with more, caches are dropped and each new token is looked up.",
    )
    stale_while_database_away_seconds: int = Field(
        0,
        ge=0,
        le=3600,
        description="While the database cannot be asked, answer from the cache for this long. Trades the promise "
        "about ended tokens for availability. 0: never.",
    )


class OperationSettings(BaseSettings):
    """Operation"""

    rate_limits: Literal["on", "off"] = Field(
        "on", description="`off` turns off every throttle and lock-out."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe line shown."
    )
    log_format: Literal["json", "console"] = Field("json", description="`console` is for people.")
    access_log: bool = Field(False, description="One line for each request (costs time on every one).")
    metrics: Literal["off", "listener", "guarded"] = Field(
        "off",
        description="`listener` serves /metrics for Prometheus at METRICS_LISTEN, `guarded` beside everything else, "
        "to whoever shows METRICS_TOKEN.",
    )
    metrics_listen: str = Field(
        "127.0.0.1:9464",
        description="Where METRICS=listener listens. It asks nobody who they are: keep it from the public.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="At least 32 characters that METRICS=guarded wants as a Bearer token. `openssl rand -hex 32`",
    )
    audit_token_issue: Literal["on", "off"] = Field(
        "off", description="`on` records an event for each access token that is issued."
    )
    purge_interval_seconds: int = Field(
        60, ge=0, le=86400, description="How often expired rows are deleted. 0: by `db purge` only."
    )
    event_retention_days: int = Field(400, ge=1, le=36500, description="How long events are kept.")
    deleted_retention_days: int = Field(
        30, ge=0, le=3650, description="How long deleted users and clients are kept before they are purged."
    )


GROUPS: tuple[type[BaseSettings], ...] = (
    ServerSettings,
    DatabaseSettings,
    SecretSettings,
    TokenSettings,
    PasswordSettings,
    LivenessSettings,
    OperationSettings,
)
"""In the order of the documentation."""
