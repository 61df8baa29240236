"""All rules of the posture; and of what no rule judges, why not.

Every setting and every member of a client stands in exactly one of the two: a new one has to decide.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from identity_service.domain.posture import (
    client_grant_rules,
    client_proof_rules,
    client_right_rules,
    conduct_rules,
    password_rules,
    secret_rules,
    server_rules,
    token_rules,
    whole_rules,
)
from identity_service.domain.posture.rule import Rule, Values
from identity_service.domain.posture.seen import SeenClient, SeenKey, Tally

SETTING_RULES: tuple[Rule[Values], ...] = (
    *server_rules.RULES,
    *secret_rules.RULES,
    *password_rules.RULES,
    *token_rules.RULES,
    *conduct_rules.RULES,
)
CLIENT_RULES: tuple[Rule[SeenClient], ...] = (
    *client_grant_rules.RULES,
    *client_proof_rules.RULES,
    *client_right_rules.RULES,
)
KEY_RULES: tuple[Rule[SeenKey], ...] = whole_rules.KEY_RULES
WHOLE_RULES: tuple[Rule[Tally], ...] = whole_rules.WHOLE_RULES

_A_LIMIT = "bounds what the server holds or waits for; its range is all that is safe"
_LOOKS = "what pages look like"
_STOP = "how the server stops"
_MEMORY = "memory and time; answers are the same"

SETTINGS_NOT_JUDGED = {
    "default_audience": "every token names an audience, whatever this is",
    "tls_cert_file": "public; the doctor looks at its dates",
    "tls_key_file": "a place; a start refuses a key that is not the certificate's",
    "proxy_header": "either header is believed from TRUSTED_PROXIES alone",
    "data_dir": "a place; the doctor looks at what is there",
    "refresh_risk_event": "from where on suspicion is told is the operator's to say; rotation finds replays without it",
    "refresh_risk_sign_in": "an addition to rotation, which ends a family that was replayed whatever this is",
    "places_file": "more is noticed with one; nothing is weaker without",
    "side": "which part is served; each part is safe by itself",
    "max_connections": _A_LIMIT,
    "shutdown_delay_seconds": _STOP,
    "shutdown_grace_seconds": _STOP,
    "fast_path": _MEMORY,
    "database_pool_size": _A_LIMIT,
    "database_pool_timeout_seconds": _A_LIMIT,
    "database_connect_timeout_seconds": _A_LIMIT,
    "database_statement_timeout_seconds": _A_LIMIT,
    "redis_timeout_seconds": _A_LIMIT,
    "rate_limit_policy_file": "quotas are a choice; a stricter one takes their place where none can be counted",
    "guess_known_days": "spares known browsers the slowness; their own guesses are counted",
    "smtp_port": "a place",
    "smtp_username": "a name",
    "smtp_password": "what the mail server asks for",
    "smtp_ca_file": "an authority of one's own is as good as whoever keeps its key",
    "smtp_timeout_seconds": _A_LIMIT,
    "mail_from": "a name",
    "mail_reply_to": "a name",
    "jwt_public_key": "public",
    "interaction_lifetime_seconds": "a sign-in that is under way is bound to its browser, however long it takes",
    "client_registration_most_clients": _A_LIMIT,
    "hashing_threads": _A_LIMIT,
    "hashing_max_wait_seconds": _A_LIMIT,
    "site_name": _LOOKS,
    "theme_css_file": _LOOKS,
    "logo_file": _LOOKS,
    "fetch_timeout_seconds": _A_LIMIT,
    "fetch_ca_file": "an authority of one's own is as good as whoever keeps its key; the doctor looks at its dates",
    "feed_interval_seconds": "its range keeps the promise about ended tokens",
    "cached_tokens": _MEMORY,
    "cached_tokens_megabytes": _MEMORY,
    "ended_window_tags": _MEMORY,
    "log_format": "how a line looks",
    "access_log": "its lines hold no secret",
    "metrics_token": "a start refuses one under 32 characters",
    "purge_interval_seconds": "what has expired is refused whether or not its row is still there",
    "deleted_retention_days": "what is deleted is refused whether or not its row is still there",
}

_DETAIL = "a detail of an answer; nothing is granted by it"
_ROW = "kept by the server itself"

CLIENT_MEMBERS_NOT_JUDGED = {
    "client_id": "an id is public",
    "client_name": "a name; people are told when a client registered itself",
    "metadata": "what merely describes",
    "backchannel_logout_session_required": _DETAIL,
    "frontchannel_logout_session_required": _DETAIL,
    "subject_type": "what clients learn of people: a choice about privacy",
    "sector_identifier_uri": "what clients learn of people: a choice about privacy",
    "default_max_age": "a client may ask for less at any time",
    "require_auth_time": _DETAIL,
    "default_acr_values": "a client may ask for others at any time",
    "logo_digest": _ROW,
    "rate_limit_tier": "names quotas, which are a choice",
    "active": "only active clients are looked at",
    "epoch": _ROW,
    "server_epoch": _ROW,
    "version": _ROW,
    "created_at": _ROW,
    "updated_at": _ROW,
}


def every_rule() -> Iterator[Rule[Any]]:
    """In the order of the documentation."""
    yield from SETTING_RULES
    yield from KEY_RULES
    yield from CLIENT_RULES
    yield from WHOLE_RULES


def judged(rules: Iterable[Rule[Any]]) -> frozenset[str]:
    """Every member that some rule decides by."""
    return frozenset(name for rule in rules for name in rule.reads)
