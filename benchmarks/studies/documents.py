"""The key set and the metadata: documents that every client fetches."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Findings
from benchmarks.limits import nginx
from benchmarks.load.wrk import interleaved
from benchmarks.peers import oidc_provider
from benchmarks.subjects import Subject, Target
from benchmarks.wire import ask_once, request


def documents(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    with ExitStack() as stack:
        embedded = stack.enter_context(bench.embedded()).subject
        body = ask_once(request("GET", embedded.paths.jwks, port=embedded.port), embedded.port).body
        limit = stack.enter_context(nginx(bench.place(), body, core=bench.plan.server_core))
        targets = [limit.document("nginx", "/", b'"keys"'), *_both(embedded, "")]
        if label := oidc_provider.installed(bench.peers):
            found.labels["oidc-provider"] = label
            log = bench.place() / "log"
            opened = oidc_provider.serving(bench.peers, core=bench.plan.server_core, log=log, seeds=0)
            targets += _both(stack.enter_context(opened), "oidc-provider ")
        found.series = interleaved(targets, bench.plan)
    return found


def _both(subject: Subject, prefix: str) -> list[Target]:
    return [
        subject.document(f"{prefix}JWKS", subject.paths.jwks, b'"keys"'),
        subject.document(f"{prefix}discovery", subject.paths.discovery, b'"issuer"'),
    ]
