"""Settings, a client and a key that no rule has anything to say about, and what a rule reads of a thing."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from identity_service.domain.entities.client import ClientSecret
from identity_service.domain.posture.seen import SeenClient, SeenKey
from identity_service.domain.value_objects.scope import Scope
from tests.entities import CLIENT

NOW = datetime(2026, 6, 1, tzinfo=UTC)

VALUES: Mapping[str, Any] = {
    "environment": "production",
    "issuer": "https://id.example",
    "allowed_hosts": ("id.internal",),
    "strict_transport_security_seconds": 31_536_000,
    "allowed_origins": ("https://app.example", "http://localhost:3000"),
    "trusted_proxies": ("10.1.2.0/24", "2001:db8::/64"),
    "docs": False,
    "metrics": "listener",
    "metrics_listen": "127.0.0.1:9464",
    "fetch_exceptions": (),
    "master_key": True,
    "master_key_former": False,
    "password_pepper": True,
    "jwt_private_key": False,
    "password_scheme": "argon2id",
    "bcrypt_cost": 12,
    "database_url": "postgresql+asyncpg://db.example/identity?ssl=verify-full",
    "database_read_url": "postgresql+asyncpg://127.0.0.1/identity",
    "redis_url": "rediss://redis.example:6379/0",
    "guess_limit": 10,
    "guess_window_seconds": 900,
    "guess_account_limit": 50,
    "guess_account_window_seconds": 3600,
    "password_min_length": 15,
    "password_least_strength": 3,
    "password_breaches": "breaches",
    "password_breach_url": "",
    "password_blocklist_file": "words.txt",
    "password_pepper_former": False,
    "smtp_host": "mail.example",
    "smtp_tls": "starttls",
    "access_token_ttl_seconds": 900,
    "refresh_token_ttl_seconds": 2_592_000,
    "refresh_reuse_grace_seconds": 10,
    "signing_algorithm": "ES256",
    "client_signing_algorithms": ("ES256", "EdDSA"),
    "signing_key_bits": 2048,
    "signing_key_rotation_days": 90,
    "jwks_max_age_seconds": 300,
    "client_secret_overlap_seconds": 86_400,
    "id_token_ttl_seconds": 900,
    "rate_limits": "on",
    "session_lifetime_seconds": 43_200,
    "session_idle_seconds": 3600,
    "session_management": False,
    "request_uri_parameter": False,
    "client_registration": "token",
    "client_registration_per_hour": 20,
    "client_registration_scopes": (),
    "client_registration_without_pkce": False,
    "stale_while_database_away_seconds": 0,
    "log_level": "info",
    "audit_token_issue": "on",
    "event_retention_days": 400,
    "audit_checkpoint_file": None,
    "audit_checkpoint_directory": "/mnt/bucket",
    "audit_checkpoint_syslog": "",
    "audit_checkpoint_seconds": 300,
}

STRONG = replace(
    CLIENT,
    token_endpoint_auth_method="private_key_jwt",
    token_endpoint_auth_signing_alg="ES256",
    jwks_uri="https://app.example/keys",
    scope=Scope.parse("openid read"),
    backchannel_logout_uri="https://app.example/logout",
)
KEY = SeenKey(
    kid="a key",
    alg="ES256",
    public_jwk={"kty": "EC"},
    activated_at=NOW - timedelta(days=90),
    values=VALUES,
    now=NOW,
)


def secret(**members: Any) -> ClientSecret:
    """A good one, made a month ago."""
    made = {
        "id": "a secret",
        "scheme": "sha256",
        "stored": "",
        "expires_at": None,
        "created_at": NOW - timedelta(days=30),
    }
    return ClientSecret(**{**made, **members})


def seen(*, values: Mapping[str, Any] = VALUES, **members: Any) -> SeenClient:
    """The strong client with some members replaced."""
    return SeenClient(client=replace(STRONG, **members), values=values, now=NOW)


class Watched:
    """Stands in for a client, a key or a tally, and notes which of its fields are asked for."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.asked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        kind = type(self.thing)
        if isinstance(getattr(kind, name, None), property):
            return getattr(kind, name).fget(self)  # what a property reads counts, not its name
        self.asked.add(name)
        return getattr(self.thing, name)


class WatchedValues(Mapping[str, Any]):
    """As `Watched`, for settings."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a rule names what it reads")

    def __len__(self) -> int:
        return len(self._values)
