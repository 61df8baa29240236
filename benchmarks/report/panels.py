"""Which series the chart shows, and as what."""

from benchmarks.report.chart import Bar, Panel
from benchmarks.report.results import Study

SHOWN: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Is this token good? (introspection)",
        "introspection",
        (
            ("nginx", "nginx, static answer", "limit"),
            ("cached", "this server, cached JWT", "ours"),
            ("missed", "this server, cache miss", "ours"),
            ("oidc-provider", "oidc-provider, in memory", "peer"),
            ("glewlwyd", "Glewlwyd, SQLite", "peer"),
            ("django-oauth-toolkit", "django-oauth-toolkit, PostgreSQL", "peer"),
        ),
    ),
    (
        "A new token (client_credentials, RS256)",
        "tokens",
        (
            ("bare RS256 (openssl speed)", "the bare signature", "limit"),
            ("RS256", "this server, PostgreSQL", "ours"),
            ("oidc-provider RS256", "oidc-provider, in memory", "peer"),
            ("glewlwyd", "Glewlwyd, SQLite", "peer"),
            ("django-oauth-toolkit", "django-oauth-toolkit (opaque)", "peer"),
        ),
    ),
    (
        "A refresh with rotation",
        "refreshing",
        (
            ("refresh", "this server, PostgreSQL, RS256", "ours"),
            ("oidc-provider", "oidc-provider, Redis, RS256", "peer"),
            ("glewlwyd", "Glewlwyd, PostgreSQL, RS256", "peer"),
            ("django-oauth-toolkit", "django-oauth-toolkit (opaque)", "peer"),
        ),
    ),
    (
        "The key set",
        "documents",
        (
            ("nginx", "nginx, static answer", "limit"),
            ("JWKS", "this server", "ours"),
            ("oidc-provider JWKS", "oidc-provider", "peer"),
        ),
    ),
)


def panels(studies: dict[str, Study]) -> list[Panel]:
    """One for each study that has something to show."""
    made = []
    for title, name, wanted in SHOWN:
        series = studies[name].findings.series if name in studies else {}
        bars = [Bar(label, series[key].median("cpu"), kind) for key, label, kind in wanted if key in series]
        if bars:
            made.append(Panel(title, tuple(bars)))
    return made
