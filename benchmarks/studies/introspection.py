"""Is this token good? Cached, missed, and for what is not good; beside nginx and the peers."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.limits import nginx
from benchmarks.load.wrk import interleaved
from benchmarks.ours import PATHS, Ours
from benchmarks.peers import django_oauth_toolkit, glewlwyd, oidc_provider
from benchmarks.processes import Void
from benchmarks.subjects import Subject, Target

TOKENS = 64
"""Different tokens that a target is asked about in turn."""
TOKENS_MISSED = 1500
CACHE_MISSED = "100"
"""The least recently used ones make room, so with these two every request misses."""
INACTIVE = b'"active":false'
ACTIVE = b'"active":true'


def introspection(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        embedded = stack.enter_context(bench.embedded())
        durable = stack.enter_context(bench.on_postgres())
        small = stack.enter_context(bench.on_postgres(settings={"CACHED_TOKENS": CACHE_MISSED}))
        cached = _cached(embedded, "cached")
        body = embedded.subject.post(PATHS.introspect, token=embedded.sign_in()["access_token"]).body
        limit = stack.enter_context(nginx(bench.place(), body, core=bench.plan.server_core))
        targets = [
            limit.introspection("nginx", ["x"], ACTIVE),
            cached,
            _cached(durable, "cached on PostgreSQL"),
            _missed(small),
            *_not_good(embedded),
            *_peers(bench, stack, found),
        ]
        found.series = interleaved(targets, bench.plan)
    return found


def _cached(ours: Ours, name: str) -> Target:
    forge = ours.forge()
    return ours.subject.introspection(name, [forge.another() for _ in range(TOKENS)], ACTIVE)


def _missed(ours: Ours) -> Target:
    forge = ours.forge()
    return ours.subject.introspection("missed", [forge.another() for _ in range(TOKENS_MISSED)], ACTIVE)


def _not_good(ours: Ours) -> list[Target]:
    forge, subject = ours.forge(), ours.subject
    revoked = [forge.another() for _ in range(8)]
    for token in revoked:
        if subject.post("/oauth2/revoke", token=token).status != 200:
            raise Void("a token could not be revoked")
    kinds = {
        "garbage": [f"garbage-{number}" for number in range(TOKENS)],
        "forged": [forge.forged() for _ in range(8)],
        "expired": [forge.expired() for _ in range(8)],
        "revoked": revoked,
    }
    return [subject.introspection(name, tokens, INACTIVE) for name, tokens in kinds.items()]


def _peers(bench: Bench, stack: ExitStack, found: Findings) -> list[Target]:
    core, into = bench.plan.server_core, bench.peers
    subjects: dict[str, Subject] = {}
    if label := oidc_provider.installed(into):
        found.labels["oidc-provider"] = f"{label}, memory store, opaque token"
        place = bench.place()
        opened = oidc_provider.serving(into, core=core, log=place / "log", seeds=0)
        subjects["oidc-provider"] = stack.enter_context(opened)
    if label := glewlwyd.installed(into):
        found.labels["glewlwyd"] = f"{label}, SQLite, RS256 JWT"
        subjects["glewlwyd"] = stack.enter_context(
            glewlwyd.serving(into, core=core, folder=bench.place(), seeds=0)
        )
    if label := django_oauth_toolkit.installed(into):
        found.labels["django-oauth-toolkit"] = f"{label}, gunicorn, PostgreSQL, opaque token"
        there = bench.stores()
        subjects["django-oauth-toolkit"] = stack.enter_context(
            django_oauth_toolkit.serving(
                into,
                core=core,
                log=bench.place() / "log",
                seeds=0,
                database_url=there.database(),
                backends=(there.postgres_pid,),
            )
        )
    return [
        subject.introspection(name, [subject.access_token() for _ in range(16)], ACTIVE)
        for name, subject in subjects.items()
    ]
