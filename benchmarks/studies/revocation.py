"""Revoked in one process: when does another one say that it is inactive? With Redis, and by the database alone."""

import time
from contextlib import ExitStack
from urllib.parse import urlencode

from benchmarks.bench import Bench, Findings
from benchmarks.ours import PATHS, Ours, serving
from benchmarks.processes import Void
from benchmarks.series import median, percentile
from benchmarks.wire import Answer, Line, request

SAMPLES, SAMPLES_FULL = 30, 100
PATIENCE_SECONDS = 5.0


def revocation(bench: Bench) -> Findings:
    """Raises Void, Missing."""
    found = Findings()
    for way in ("with Redis", "without Redis"):
        with ExitStack() as stack:
            first = stack.enter_context(bench.on_postgres(redis=way == "with Redis"))
            opened = serving(
                first.prepared,
                name="second",
                core=bench.plan.server_core,
                folder=bench.place(),
                settings={"ISSUER": f"http://127.0.0.1:{first.subject.port}"},
            )
            second = stack.enter_context(opened)
            took = _delays(first, second, SAMPLES_FULL if bench.full else SAMPLES)
        found.figures |= {
            f"median ms, {way}": median(took) * 1e3,
            f"p99 ms, {way}": percentile(took, 0.99) * 1e3,
        }
    return found


def _delays(first: Ours, second: Ours, samples: int) -> list[float]:
    """Seconds from the answer to the revocation to the first answer that the token is inactive."""
    forge = first.forge()
    near, far = Line(first.subject.port), Line(second.subject.port)
    took = []
    try:
        for _ in range(samples):
            token = forge.another()
            if b'"active":true' not in _ask(far, second, PATHS.introspect, token).body:
                raise Void("a new token is not active")
            _ask(near, first, "/oauth2/revoke", token)
            started = time.perf_counter()
            while b'"active":false' not in _ask(far, second, PATHS.introspect, token).body:
                if time.perf_counter() - started > PATIENCE_SECONDS:
                    raise Void("a revoked token stays active")
            took.append(time.perf_counter() - started)
    finally:
        near.close()
        far.close()
    return took


def _ask(line: Line, ours: Ours, path: str, token: str) -> Answer:
    subject, body = ours.subject, urlencode({"token": token})
    answer = line.ask(
        request("POST", path, port=subject.port, body=body, authorization=subject.authorization)
    )
    if answer.status != 200:
        raise Void(f"{path} answers {answer.status} {answer.body[:200]!r}")
    return answer
