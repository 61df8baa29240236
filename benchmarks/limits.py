"""The limits of the machine: nginx with a static answer, and bare signatures."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.wrk import Plan
from benchmarks.peers.installing import tool
from benchmarks.processes import Void, free_port, running, until_listening
from benchmarks.series import Turn
from benchmarks.subjects import Paths, Subject

OPENSSL_NAMES = {"RS256": "rsa2048", "ES256": "ecdsap256"}


@contextmanager
def nginx(folder: Path, answer: bytes, *, core: int) -> Iterator[Subject]:
    """nginx with one worker, answering every request with this body. Raises Missing, Void."""
    binary = tool("nginx", "ratios are taken against it (Debian: `apt-get install nginx-light`)")
    port, folder = free_port(), folder / "nginx"
    folder.mkdir()
    text = answer.decode().replace("\\", "\\\\").replace('"', '\\"').replace("$", "")
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 "{text}"; }} }}
}}
""")
    log = folder / "log"
    command = (binary, "-p", folder, "-c", folder / "nginx.conf")
    with running(command, core=core, log=log) as process:
        until_listening(port, process, log)
        paths = Paths(introspect="/", token="/", jwks="/", discovery="/")
        yield Subject(name="nginx", port=port, pid=process.pid, paths=paths, authorization="Basic eDp5")


@dataclass(frozen=True)
class Signatures:
    """Bare signatures, one after the other on the server's core; a contestant like any other."""

    name: str
    algorithm: str
    by_openssl: bool

    def take(self, plan: Plan, seconds: int) -> Turn:
        """CPU time of one signature, over a second of CPU time however long the turns are. Raises Void, Missing."""
        cpu = self._openssl(plan) if self.by_openssl else self._in_process(plan)
        return Turn(cpu=cpu, backend=0.0, rate=1e6 / cpu, p50=cpu, p99=cpu, others=0.0)

    def _openssl(self, plan: Plan) -> float:
        algorithm = OPENSSL_NAMES[self.algorithm]
        binary = tool("openssl", "it tells what a bare signature costs")
        printed = _pinned(plan.server_core, binary, "speed", "-seconds", "1", algorithm)
        found = re.search(
            r"^\s*(?:rsa|256 bits ecdsa).*?\s([\d.]+)s\s+[\d.]+s\s+([\d.]+)", printed, re.MULTILINE
        )
        if found is None:
            raise Void(f"openssl speed says nothing usable: {printed[-300:]}")
        return 1e6 / float(found[2])

    def _in_process(self, plan: Plan) -> float:
        words = (sys.executable, "-m", "benchmarks.load.signing", self.algorithm, "1")
        return float(_pinned(plan.server_core, *words))


def _pinned(core: int, *command: str) -> str:
    done = subprocess.run(["taskset", "-c", str(core), *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Void(f"{command[0]} failed: {done.stderr[-300:]}")
    return done.stdout
