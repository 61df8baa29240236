"""The rows in the order of the document."""

from collections.abc import Callable

from benchmarks.bench import Bench, Findings
from benchmarks.rows import (
    Goals,
    Row,
    beside,
    cores,
    figure,
    growth_of_the_dearest,
    worst_of_what_is_not_good,
)
from benchmarks.studies.documents import documents
from benchmarks.studies.footprint import footprint
from benchmarks.studies.founding_mix import founding_mix
from benchmarks.studies.growth import growth
from benchmarks.studies.introspection import introspection
from benchmarks.studies.refreshing import refreshing
from benchmarks.studies.revocation import revocation
from benchmarks.studies.tokens import tokens
from benchmarks.studies.workers import workers

STUDIES: dict[str, Callable[[Bench], Findings]] = {
    "introspection": introspection,
    "tokens": tokens,
    "refreshing": refreshing,
    "documents": documents,
    "founding mix": founding_mix,
    "revocation": revocation,
    "growth": growth,
    "footprint": footprint,
    "workers": workers,
}

CACHED = Goals(floor=0.15, goal=0.30, stretch=0.60)
DOCUMENTS = Goals(floor=3, goal=8, stretch=15)

ROWS: tuple[Row, ...] = (
    Row(
        key="introspection",
        title="introspection of a cached RS256 JWT, embedded store / nginx static",
        study="introspection",
        compute=beside("cached", "nginx"),
        goals=CACHED,
    ),
    Row(
        key="introspection-postgres",
        title="the same on PostgreSQL / nginx static",
        study="introspection",
        compute=beside("cached on PostgreSQL", "nginx"),
        goals=CACHED,
    ),
    Row(
        key="introspection-oidc-provider",
        title="introspection, embedded store / oidc-provider, memory store, opaque token",
        study="introspection",
        compute=beside("cached", "oidc-provider"),
        goals=Goals(floor=4, goal=10, stretch=20),
    ),
    Row(
        key="introspection-glewlwyd",
        title="introspection, embedded store / Glewlwyd, SQLite, JWT",
        study="introspection",
        compute=beside("cached", "glewlwyd"),
        goals=Goals(floor=8, goal=16, stretch=30),
    ),
    Row(
        key="introspection-django",
        title="introspection, PostgreSQL / django-oauth-toolkit, PostgreSQL, opaque token",
        study="introspection",
        compute=beside("cached on PostgreSQL", "django-oauth-toolkit"),
        goals=Goals(floor=35, goal=70, stretch=150),
    ),
    Row(
        key="miss",
        title="introspection, cache miss with signature check, PostgreSQL / nginx static",
        study="introspection",
        compute=beside("missed", "nginx"),
        goals=Goals(floor=0.06, goal=0.10, stretch=0.15),
    ),
    Row(
        key="not-good",
        title="valid cached / the dearest of garbage, expired, revoked",
        study="introspection",
        compute=worst_of_what_is_not_good,
        goals=Goals(floor=0.8, goal=1.0),
    ),
    Row(
        key="forged",
        title="valid cached / a token with another one's signature",
        study="introspection",
        compute=beside("forged", "cached"),
    ),
    Row(
        key="client-credentials",
        title="client_credentials RS256, PostgreSQL / `openssl speed` RSA-2048 signatures",
        study="tokens",
        compute=beside("RS256", "bare RS256 (openssl speed)"),
        goals=Goals(floor=0.75, goal=0.82, stretch=0.88),
    ),
    Row(
        key="client-credentials-oidc-provider",
        title="client_credentials RS256, embedded store / oidc-provider RS256, memory store",
        study="tokens",
        compute=beside("RS256 on SQLite", "oidc-provider RS256"),
        goals=Goals(floor=1.25, goal=1.4),
    ),
    Row(
        key="es256",
        title="client_credentials ES256, PostgreSQL / oidc-provider ES256, memory store",
        study="tokens",
        compute=beside("ES256", "oidc-provider ES256"),
        goals=Goals(floor=3, goal=4.5, stretch=6),
    ),
    Row(
        key="refresh-oidc-provider",
        title="refresh with rotation, RS256, durable PostgreSQL / oidc-provider, RS256, Redis",
        study="refreshing",
        compute=beside("refresh", "oidc-provider"),
        goals=Goals(floor=1.3, goal=1.6),
    ),
    Row(
        key="refresh-glewlwyd",
        title="refresh with rotation, RS256, PostgreSQL / Glewlwyd, RS256, PostgreSQL",
        study="refreshing",
        compute=beside("refresh", "glewlwyd"),
        goals=Goals(floor=6, goal=8),
    ),
    Row(
        key="refresh-django",
        title="refresh with rotation, RS256, PostgreSQL / django-oauth-toolkit, opaque, PostgreSQL",
        study="refreshing",
        compute=beside("refresh", "django-oauth-toolkit"),
        goals=Goals(floor=10, goal=13),
    ),
    Row(
        key="jwks",
        title="JWKS / oidc-provider",
        study="documents",
        compute=beside("JWKS", "oidc-provider JWKS"),
        goals=DOCUMENTS,
    ),
    Row(
        key="discovery",
        title="discovery / oidc-provider",
        study="documents",
        compute=beside("discovery", "oidc-provider discovery"),
        goals=DOCUMENTS,
    ),
    Row(
        key="mix",
        title="mix 99/0.9/0.1, open loop: introspection p99 with sign-ins (Argon2id) / without",
        study="founding mix",
        compute=figure(
            "p99 with sign-ins / without",
            shown={
                "introspection p99, with": "p99 {:,.0f} µs with",
                "introspection p99, without": "{:,.0f} µs without",
                "rate": "at {:,.0f} a second",
            },
        ),
        goals=Goals(floor=2, goal=1.3, at_most=True),
    ),
    Row(
        key="founding-load",
        title="**the founding load**, 1,000,000 operations a minute, Argon2id: server cores needed",
        study="founding mix",
        compute=cores("with", "rate"),
        goals=Goals(floor=2, goal=1.2, stretch=0.9, at_most=True),
    ),
    Row(
        key="founding-load-bcrypt",
        title="the same with bcrypt, cost 12",
        study="founding mix",
        compute=cores("bcrypt", "rate with bcrypt"),
    ),
    Row(
        key="revocation",
        title="revoked in one process → inactive in another, with Redis: median",
        study="revocation",
        compute=figure("median ms, with Redis", shown={"p99 ms, with Redis": "p99 {:.1f} ms"}),
        goals=Goals(floor=20, goal=2, at_most=True),
        unit="ms",
    ),
    Row(
        key="revocation-without-redis",
        title="the same by the database alone",
        study="revocation",
        compute=figure("median ms, without Redis", shown={"p99 ms, without Redis": "p99 {:.0f} ms"}),
        unit="ms",
    ),
    Row(
        key="growth",
        title="growth of CPU per operation, server and PostgreSQL, from the smallest to the largest table",
        study="growth",
        compute=growth_of_the_dearest,
        goals=Goals(floor=1.25, goal=1.1, at_most=True),
    ),
    Row(
        key="memory",
        title="memory of an idle worker, PostgreSQL and Redis",
        study="footprint",
        compute=figure("idle MB"),
        goals=Goals(floor=100, goal=70, at_most=True),
        unit="MB",
    ),
    Row(
        key="memory-token",
        title="memory for each cached token",
        study="footprint",
        compute=figure("KB a token"),
        goals=Goals(floor=0.8, goal=0.5, at_most=True),
        unit="KB",
    ),
    Row(
        key="start",
        title="start to first answer",
        study="footprint",
        compute=figure("first answer s"),
        goals=Goals(floor=1.2, goal=0.8, at_most=True),
        unit="s",
    ),
    Row(
        key="workers",
        title="introspection, two workers / one: CPU per request",
        study="workers",
        compute=beside("one worker", "two workers"),
        goals=Goals(floor=1.05, at_most=True),
    ),
)
