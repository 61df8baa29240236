"""`python -m benchmarks`: how quick this server is beside the machine's own limits."""

import argparse
import json
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.measure import Series, interleaved, median, ratio, resident_megabytes
from benchmarks.targets import Target, identity_service, nginx


def bare_signature_microseconds(*, times: int = 400) -> float:
    """CPU time of one RS256 signature with a 2048-bit key: the limit of any server that gives such tokens."""
    key = rsa.generate_private_key(65537, 2048)
    scheme, digest = padding.PKCS1v15(), SHA256()
    started = time.process_time()
    for _ in range(times):
        key.sign(b"x" * 400, scheme, digest)
    return (time.process_time() - started) / times * 1e6


def options() -> argparse.Namespace:
    """What to measure and how long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each target (default 3)")
    parser.add_argument("--seconds", type=int, default=3, help="seconds of each turn (default 3)")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--server-core", type=int, default=1, help="the core that servers are pinned to")
    parser.add_argument("--load-core", type=int, default=0, help="the core that wrk is pinned to")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args()
    chosen.rounds, chosen.seconds = min(chosen.rounds, 20), min(chosen.seconds, 30)
    return chosen


def main() -> None:
    """Measures and prints."""
    chosen = options()
    signatures = []
    with tempfile.TemporaryDirectory(prefix="identity-bench-") as name:
        folder = Path(name)
        with identity_service(folder / "data", core=chosen.server_core, environment={}) as demo:
            idle = resident_megabytes(demo.pid)
            token = demo.access_token()
            introspect = Target(
                name="introspect, valid access token",
                url=demo.base + "/oauth2/introspect",
                pid=demo.pid,
                body=f"token={token}",
                authorization=demo.basic,
                expected=b'"active":true',
            )
            give = Target(
                name="client_credentials, RS256",
                url=demo.base + "/oauth2/token",
                pid=demo.pid,
                body="grant_type=client_credentials",
                authorization=demo.basic,
                expected=b'"access_token"',
            )
            with nginx(folder, introspect.request(), core=chosen.server_core) as limit:
                signatures.append(bare_signature_microseconds())
                series = interleaved(
                    [limit, introspect, give],
                    rounds=chosen.rounds,
                    seconds=chosen.seconds,
                    connections=chosen.connections,
                    core=chosen.load_core,
                )
                signatures.append(bare_signature_microseconds())
            report(series, median(signatures), idle, demo.first_answer_seconds, chosen.json)


def report(
    series: list[Series], signature: float, idle: float, first_answer: float, target: Path | None
) -> None:
    """A table for people; JSON for machines."""
    limit, introspect, give = series
    print(f"{'':34}{'CPU µs':>9}{'req/s':>9}{'p50 µs':>9}{'p99 µs':>9}")
    for one in series:
        figures = "".join(f"{median(v):9.0f}" for v in (one.cpu, one.rate, one.p50, one.p99))
        print(f"{one.name:34}{figures}")
    print(f"{'bare RS256-2048 signature':34}{signature:9.0f}")
    figures = {
        "introspection, per core, of nginx static": ratio(limit.cpu, introspect.cpu),
        "client_credentials, in bare signatures": median(give.cpu) / signature,
        "start to first answer, s": first_answer,
        "memory when idle, MB": idle,
    }
    print()
    for name, value in figures.items():
        print(f"{name:44}{value:8.3f}")
    if target is not None:
        target.write_text(json.dumps({"figures": figures, "series": [vars(one) for one in series]}, indent=1))


if __name__ == "__main__":
    main()
