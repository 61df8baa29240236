"""`python -m benchmarks.profiling KIND`: which layer of this server the time of a request goes to, by sampling.

KIND is one of cached, missed, client_credentials, refresh, login_page, consent_page, code_exchange. Wants py-spy
(`pip install py-spy`), which looks at the server from outside and slows it little. A sample counts for the innermost
layer of its stack; what C code does counts for the Python function that called it.
"""

import argparse
import subprocess
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.load.wrk import Plan, bodies_needed, turn
from benchmarks.peers.installing import default_folder, tool
from benchmarks.studies.signing_in import SETTINGS, code_exchange, pages_pending
from benchmarks.subjects import Target

RATE = 400
PAGES = ("login_page", "consent_page")
KINDS = ("cached", "missed", "client_credentials", "refresh", *PAGES, "code_exchange")
LAYERS = (
    "sqlalchemy",
    "asyncpg",
    "cryptography",
    "redis",
    "uvicorn",
    "uvloop",
    "starlette",
    "fastapi",
    "pydantic",
    "orjson",
    "asyncio",
)
WAITING = ("_worker (concurrent/futures", "wait (threading")
"""Threads without work, which a look from outside may take for busy."""
DEEPEST = 4
"""Folders of our own that are told apart: identity_service/adapters/sql."""


def layer(frame: str) -> str:
    """The layer of one frame as py-spy writes it: `function (file:line)`."""
    place = frame.rpartition(" (")[2].rstrip(")").rpartition(":")[0]
    if "identity_service/" in place:
        inside = place.rpartition("identity_service/")[2].split("/")
        return "/".join(["identity_service", *inside[: DEEPEST - 2]]).removesuffix(".py")
    return next((name for name in LAYERS if name in place), "the rest of Python")


def shares(raw: str) -> tuple[dict[str, float], dict[str, float]]:
    """From lines of `outer;…;inner count`: the share of each layer, and of each innermost function."""
    layers: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        innermost = stack.rpartition(";")[2]
        if innermost.startswith(WAITING):
            continue
        layers[layer(innermost)] += int(count)
        functions[innermost] += int(count)
    total = sum(layers.values()) or 1
    return (
        {name: count / total for name, count in layers.most_common()},
        {name: count / total for name, count in functions.most_common(25)},
    )


def target(kind: str, bench: Bench, stack: ExitStack) -> Target:
    """What is asked for while it is watched."""
    settings = {"CACHED_TOKENS": "100"} if kind == "missed" else SETTINGS
    ours = stack.enter_context(bench.on_postgres(settings=settings))
    if kind == "client_credentials":
        return ours.subject.client_credentials(kind)
    if kind == "refresh":
        ours.seed(bench.seeds())
        return ours.subject.refresh(kind)
    if kind == "code_exchange":
        return code_exchange(ours, bodies_needed(bench.plan))
    if kind in PAGES:
        browser, page = pages_pending(ours)[PAGES.index(kind)]
        return ours.subject.document(kind, page.path, b"<main", cookie=browser.cookie)
    forge, count = ours.forge(), 1500 if kind == "missed" else 64
    return ours.subject.introspection(kind, [forge.another() for _ in range(count)], b'"active":true')


def main() -> None:
    """Prints the shares."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profiling", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--seconds", type=int, default=5)
    chosen = parser.parse_args()
    spy = tool("py-spy", "`pip install py-spy`")
    plan = Plan(rounds=2, seconds=chosen.seconds + 1, connections=16, server_core=1, load_core=0)
    with tempfile.TemporaryDirectory(prefix="identity-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        bench = Bench(
            folder=folder, plan=plan, peers=default_folder(), full=False, growth=(), rate=0, stack=stack
        )
        watched = target(chosen.kind, bench, stack)
        turn(watched, plan, seconds=2)
        words = ["record", "--format", "raw", "--rate", str(RATE), "--duration", str(chosen.seconds)]
        command = ["taskset", "-c", "0", spy, *words, "--output", str(folder / "raw")]
        watching = subprocess.Popen(
            [*command, "--pid", str(watched.subject.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        taken = turn(watched, plan, seconds=chosen.seconds + 1)
        watching.wait(60)
        layers, functions = shares((folder / "raw").read_text())
    print(f"{chosen.kind}: {taken.cpu:.0f} µs of CPU a request")
    for part, share in layers.items():
        print(f"{share:7.1%}  {part}")
    print()
    for part, share in functions.items():
        print(f"{share:7.1%}  {part}")


if __name__ == "__main__":
    main()
