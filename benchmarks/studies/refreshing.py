"""Refreshing with rotation, the work that writes; every answer on disk before it is given, where a peer does that."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.load.wrk import interleaved
from benchmarks.peers import django_oauth_toolkit, glewlwyd, oidc_provider
from benchmarks.subjects import Target


def refreshing(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        durable = stack.enter_context(bench.on_postgres())
        durable.seed(bench.seeds())
        targets = [durable.subject.refresh("refresh"), *_peers(bench, stack, found)]
        found.series = interleaved(targets, bench.plan)
    return found


def _peers(bench: Bench, stack: ExitStack, found: Findings) -> list[Target]:
    core, into, seeds, there = bench.plan.server_core, bench.peers, bench.seeds(), bench.stores()
    targets: list[Target] = []
    if label := oidc_provider.installed(into):
        found.labels["oidc-provider"] = f"{label}, Redis (kept in memory only), RS256 JWT"
        log = bench.place() / "log"
        opened = oidc_provider.serving(into, core=core, log=log, seeds=seeds, redis_url=there.redis_url)
        targets.append(stack.enter_context(opened).refresh("oidc-provider"))
    if label := glewlwyd.installed(into):
        found.labels["glewlwyd"] = f"{label}, PostgreSQL, RS256 JWT"
        opened = glewlwyd.serving(
            into,
            core=core,
            folder=bench.place(),
            seeds=seeds,
            database_url=there.database(),
            backends=(there.postgres_pid,),
        )
        targets.append(stack.enter_context(opened).refresh("glewlwyd"))
    if label := django_oauth_toolkit.installed(into):
        found.labels["django-oauth-toolkit"] = f"{label}, gunicorn, PostgreSQL, opaque token"
        opened = django_oauth_toolkit.serving(
            into,
            core=core,
            log=bench.place() / "log",
            seeds=seeds,
            database_url=there.database(),
            backends=(there.postgres_pid,),
        )
        targets.append(stack.enter_context(opened).refresh("django-oauth-toolkit"))
    return targets
