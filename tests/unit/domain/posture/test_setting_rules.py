"""Each rule about settings finds what it is for, and nothing in safe settings."""

from typing import Any

import pytest

from identity_service.domain.posture.register import SETTING_RULES, SETTINGS_NOT_JUDGED, judged
from identity_service.infrastructure.config.settings import Settings
from tests.unit.domain.posture.safe import VALUES, WatchedValues

RULES = {rule.name: rule for rule in SETTING_RULES}
WEAK: dict[str, list[dict[str, Any]]] = {
    "development-mode": [{"environment": "development"}],
    "issuer-without-tls": [{"issuer": "http://id.example"}, {"issuer": "http://10.0.0.7:8000"}],
    "issuer-on-loopback": [{"issuer": "http://127.0.0.1:8000"}, {"issuer": "http://localhost"}],
    "origin-without-tls": [{"allowed_origins": ("https://app.example", "http://app.example")}],
    "https-not-insisted-on": [{"strict_transport_security_seconds": 31_535_999}],
    "any-host": [{"allowed_hosts": ("id.internal", "*")}],
    "wide-trusted-proxies": [{"trusted_proxies": ("10.0.0.0/8",)}, {"trusted_proxies": ("2001:db8::/32",)}],
    "documentation-in-production": [{"docs": True}],
    "metrics-for-anybody": [{"metrics_listen": "0.0.0.0:9464"}, {"metrics_listen": "[::]:9464"}],
    "fetches-inside-the-network": [{"fetch_exceptions": ("keys.internal:8443",)}],
    "master-key-in-the-data-folder": [{"master_key": False}],
    "former-master-key": [{"master_key_former": True}],
    "no-pepper": [{"password_pepper": False}],
    "key-outside-the-schedule": [{"jwt_private_key": True}],
    "cheap-hashes": [{"password_scheme": "bcrypt", "bcrypt_cost": 9}],
    "hashes-without-memory": [{"password_scheme": "bcrypt"}],
    "database-without-tls": [
        {"database_url": "postgresql+asyncpg://db.example/identity"},
        {"database_read_url": "postgresql+asyncpg://10.0.0.9:5432/identity?ssl=prefer"},
    ],
    "redis-without-tls": [{"redis_url": "redis://redis.example:6379/0"}],
    "patience-with-guessers": [
        {"guess_limit": 105},
        {"guess_account_window_seconds": 400},
    ],
    "short-passwords": [{"password_min_length": 14}],
    "weak-passwords": [{"password_least_strength": 1}],
    "breaches-not-known": [{"password_breaches": None}],
    "breaches-asked-for-in-the-clear": [{"password_breach_url": "http://breaches.example/range"}],
    "own-words-allowed": [{"password_blocklist_file": None}],
    "former-pepper": [{"password_pepper_former": True}],
    "mail-in-the-clear": [{"smtp_tls": "off"}],
    "nobody-is-written-to": [{"smtp_host": None}],
    "long-access-tokens": [{"access_token_ttl_seconds": 3601}],
    "long-refresh-tokens": [{"refresh_token_ttl_seconds": 90 * 86_400 + 1}],
    "long-grace": [{"refresh_reuse_grace_seconds": 61}],
    "rotation-without-retry": [{"refresh_reuse_grace_seconds": 0}],
    "rs256-by-default": [{"signing_algorithm": "RS256"}],
    "rs256-for-clients": [{"client_signing_algorithms": ("ES256", "RS256")}],
    "short-rsa-keys-to-come": [{"client_signing_algorithms": ("PS256",)}],
    "no-rotation": [{"signing_key_rotation_days": 0}, {"signing_key_rotation_days": 366}],
    "long-cached-keys": [{"jwks_max_age_seconds": 3601}],
    "long-overlap": [{"client_secret_overlap_seconds": 7 * 86_400 + 1}],
    "long-id-tokens": [{"id_token_ttl_seconds": 3601}],
    "no-throttles": [{"rate_limits": "off"}],
    "long-sessions": [{"session_lifetime_seconds": 30 * 86_400 + 1}],
    "long-idle-sessions": [{"session_idle_seconds": 86_401}],
    "sessions-that-scripts-can-watch": [{"session_management": True}],
    "requests-by-reference": [{"request_uri_parameter": True}],
    "anybody-registers": [{"client_registration": "open"}],
    "many-registrations": [{"client_registration": "open", "client_registration_per_hour": 101}],
    "scopes-for-strangers": [{"client_registration_scopes": ("calendar:read",)}],
    "registration-without-pkce": [{"client_registration_without_pkce": True}],
    "stale-answers": [{"stale_while_database_away_seconds": 1}],
    "talkative-log": [{"log_level": "debug"}],
    "tokens-leave-no-trace": [{"audit_token_issue": "off"}],
    "short-memory": [{"event_retention_days": 89}],
    "events-proven-by-nobody-else": [{"audit_checkpoint_directory": None}],
    "rare-checkpoints": [{"audit_checkpoint_seconds": 0}],
}
FINE: dict[str, dict[str, Any]] = {
    "docs-in-development": {"environment": "development", "docs": True},
    "no-registration": {
        "client_registration": "off",
        "client_registration_without_pkce": True,
        "client_registration_scopes": ("a",),
    },
    "cheap-bcrypt-that-is-not-used": {"bcrypt_cost": 4},
    "listener-that-is-off": {"metrics": "guarded", "metrics_listen": "0.0.0.0:9464"},
    "a-service-for-breaches": {"password_breaches": None, "password_breach_url": "https://breaches.example"},
    "mail-on-this-machine": {"smtp_tls": "off", "smtp_host": "127.0.0.1"},
    "http": {"issuer": "http://[::1]", "strict_transport_security_seconds": 0},
    "no-rsa-key": {"signing_key_bits": 2048},
    "embedded": {"database_url": "sqlite+aiosqlite:///var/identity.sqlite3", "redis_url": ""},
    "sockets": {"redis_url": "unix:///run/redis.sock"},
    "not-a-url": {"allowed_origins": ("http://[",)},
}
CASES = [
    pytest.param(name, change, id=f"{name}-{number}")
    for name, changes in WEAK.items()
    for number, change in enumerate(changes)
]


def found(values: dict[str, Any]) -> set[str]:
    return {rule.name for rule in SETTING_RULES if rule.judge(values) is not None}


def test_every_rule_has_its_case() -> None:
    assert list(WEAK) == list(RULES)


def test_safe_settings_have_no_finding() -> None:
    assert found({**VALUES}) == set()


@pytest.mark.parametrize(("name", "change"), CASES)
def test_a_weak_setting_is_found(name: str, change: dict[str, Any]) -> None:
    assert name in found({**VALUES, **change})


@pytest.mark.parametrize("change", FINE.values(), ids=FINE.keys())
def test_what_only_looks_weak_is_not_found(change: dict[str, Any]) -> None:
    assert found({**VALUES, **change}) <= {"development-mode", "issuer-on-loopback"}


def test_a_rule_reads_what_it_says() -> None:
    for name, rule in RULES.items():
        asked: set[str] = set()
        for change in [{}, *WEAK[name]]:
            values = WatchedValues({**VALUES, **change})
            rule.judge(values)
            asked |= values.asked
        assert asked == set(rule.reads), name


def test_every_setting_is_judged_or_has_a_reason_not_to_be() -> None:
    by_rule, by_reason = judged(SETTING_RULES), set(SETTINGS_NOT_JUDGED)
    assert by_rule | by_reason == set(Settings.model_fields), "a new setting has to decide"
    assert not by_rule & by_reason
    assert all(SETTINGS_NOT_JUDGED.values())
