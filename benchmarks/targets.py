"""What is measured: this server, and nginx with a static answer of the same size as the machine's limit."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing to send requests to. `pid` is the process whose CPU time counts."""

    name: str
    url: str
    pid: int
    body: str = ""
    authorization: str = ""
    expected: bytes = field(default=b"", repr=False)

    def request(self) -> bytes:
        """The answer to one request."""
        headers = {"Content-Type": FORM} | (
            {"Authorization": self.authorization} if self.authorization else {}
        )
        request = urllib.request.Request(self.url, self.body.encode() or None, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())

    def check(self) -> None:
        """Raises SystemExit unless the target answers as it should: a quick wrong answer is no result."""
        if self.expected not in self.request():
            raise SystemExit(f"{self.name} gives a wrong answer: the run is void")


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer(url: str, *, within_seconds: float = 20.0) -> float:
    """Seconds until `url` answers. Raises SystemExit when it does not."""
    started = time.perf_counter()
    while time.perf_counter() - started < within_seconds:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
        else:
            return time.perf_counter() - started
    raise SystemExit(f"{url} did not answer within {within_seconds} s")


@contextmanager
def running(
    command: list[str], *, core: int | None, env: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on one core, ended by its pid."""
    pinned = command if core is None else ["taskset", "-c", str(core), *command]
    process = subprocess.Popen(pinned, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=15)


@dataclass(frozen=True, kw_only=True)
class Demo:
    """This server, running embedded with its demo accounts."""

    base: str
    pid: int
    basic: str
    username: str
    password: str
    first_answer_seconds: float

    def post(self, path: str, **form: str) -> bytes:
        """One request to an OAuth endpoint."""
        return Target(
            name=path, url=self.base + path, pid=self.pid, body=urlencode(form), authorization=self.basic
        ).request()

    def access_token(self) -> str:
        """A token of the demo client."""
        found = re.search(
            rb'"access_token":"([^"]+)"', self.post("/oauth2/token", grant_type="client_credentials")
        )
        if found is None:
            raise SystemExit("the demo client got no token")
        return found[1].decode()


@contextmanager
def identity_service(folder: Path, *, core: int, environment: dict[str, str]) -> Iterator[Demo]:
    """Prepares a data folder with `quickstart --no-serve`, then serves it."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    env = {**os.environ, "LOG_LEVEL": "error", "RATE_LIMITS": "off", **environment}
    cli = [sys.executable, "-m", "identity_service.cli"]
    prepared = subprocess.run(
        [*cli, "quickstart", "--json", "--no-serve", "--data", str(folder), "--port", str(port)],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    demo = demo_accounts(folder, prepared)
    serve_env = env | {"DATA_DIR": str(folder), "ISSUER": base}
    started = time.perf_counter()
    with running([*cli, "serve", "--port", str(port)], core=core, env=serve_env) as process:
        first_answer(f"{base}/health/live")
        basic = b64encode(f"{demo['client_id']}:{demo['client_secret']}".encode()).decode()
        yield Demo(
            base=base,
            pid=process.pid,
            basic=f"Basic {basic}",
            username=demo["username"],
            password=demo["password"],
            first_answer_seconds=time.perf_counter() - started,
        )


def demo_accounts(folder: Path, prepared: str) -> dict[str, str]:
    """The demo user and client, from the file that `quickstart` keeps."""
    import json

    kept: dict[str, str] = json.loads((folder / "demo.json").read_text())
    if "client_secret" not in kept:
        raise SystemExit(f"no demo client: {shlex.quote(prepared[:200])}")
    return kept


@contextmanager
def nginx(folder: Path, answer: bytes, *, core: int) -> Iterator[Target]:
    """nginx with one worker, answering every request with this body."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if binary is None:
        raise SystemExit("nginx is missing: it is the measure that ratios are taken against")
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
    with ExitStack() as stack:
        process = stack.enter_context(
            running(
                [binary, "-p", str(folder), "-c", str(folder / "nginx.conf")], core=core, env=dict(os.environ)
            )
        )
        url = f"http://127.0.0.1:{port}/"
        first_answer(url)
        yield Target(
            name="nginx, static answer", url=url, pid=process.pid, body="token=x", expected=answer[:20]
        )
