"""Giving tokens by client_credentials: RS256 and ES256, beside bare signatures and the peers."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.limits import Signatures
from benchmarks.load.wrk import Probe, interleaved
from benchmarks.peers import django_oauth_toolkit, glewlwyd, oidc_provider
from benchmarks.subjects import Target
from identity_service.infrastructure.config.settings import Settings

BARE = (
    Signatures("bare RS256 (openssl speed)", "RS256", True),
    Signatures("bare RS256 (in the process)", "RS256", False),
    Signatures("bare ES256 (openssl speed)", "ES256", True),
)


def tokens(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        durable = stack.enter_context(bench.on_postgres())
        embedded = stack.enter_context(bench.embedded())
        contestants: list[Target | Probe] = [
            *BARE,
            durable.subject.client_credentials("RS256"),
            embedded.subject.client_credentials("RS256 on SQLite"),
            *_es256(bench, stack),
            *_peers(bench, stack, found),
        ]
        found.series = interleaved(contestants, bench.plan)
    return found


def _es256(bench: Bench, stack: ExitStack) -> list[Target]:
    """Nothing where this version signs by RS256 only: the row then says so."""
    if "signing_algorithm" not in Settings.model_fields:
        return []
    ours = bench.on_postgres(settings={"SIGNING_ALGORITHM": "ES256", "JWT_PRIVATE_KEY": ""})
    return [stack.enter_context(ours).subject.client_credentials("ES256")]


def _peers(bench: Bench, stack: ExitStack, found: Findings) -> list[Target]:
    core, into = bench.plan.server_core, bench.peers
    targets: list[Target] = []
    if label := oidc_provider.installed(into):
        found.labels |= {
            f"oidc-provider {alg}": f"{label}, memory store, {alg} JWT" for alg in ("RS256", "ES256")
        }
        opened = oidc_provider.serving(into, core=core, log=bench.place() / "log", seeds=0)
        subject = stack.enter_context(opened)
        targets += [
            subject.client_credentials("oidc-provider RS256", **oidc_provider.RS256),
            subject.client_credentials("oidc-provider ES256", **oidc_provider.ES256),
        ]
    if label := glewlwyd.installed(into):
        found.labels["glewlwyd"] = f"{label}, SQLite, RS256 JWT"
        opened = glewlwyd.serving(into, core=core, folder=bench.place(), seeds=0)
        targets.append(stack.enter_context(opened).client_credentials("glewlwyd"))
    if label := django_oauth_toolkit.installed(into):
        found.labels["django-oauth-toolkit"] = f"{label}, gunicorn, PostgreSQL, opaque token"
        there = bench.stores()
        opened = django_oauth_toolkit.serving(
            into,
            core=core,
            log=bench.place() / "log",
            seeds=0,
            database_url=there.database(),
            backends=(there.postgres_pid,),
        )
        targets.append(stack.enter_context(opened).client_credentials("django-oauth-toolkit"))
    return targets
