"""The peer django-oauth-toolkit (PyPI): the authorization server of many Django sites; opaque tokens in PostgreSQL."""

import json
import secrets
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.peers.installing import run
from benchmarks.processes import free_port, running, until_listening
from benchmarks.subjects import Paths, Subject, basic

NAME = "django-oauth-toolkit"
PACKAGES = ("django-oauth-toolkit==3.4.1", "django==5.2.19", "gunicorn==27.0.1", "psycopg[binary]==3.3.9")
PATHS = Paths(
    introspect="/o/introspect/",
    token="/o/token/",
    jwks="/o/.well-known/jwks.json",
    discovery="/o/.well-known/openid-configuration",
)
SITE = Path(__file__).parent / "site"
WORKERS = (
    *("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--keep-alive", "60"),
    *("--no-control-socket", "--log-level", "error"),
)


def install(into: Path) -> None:
    """Raises Missing."""
    folder = into / NAME
    folder.mkdir(parents=True, exist_ok=True)
    if (uv := shutil.which("uv")) is not None:
        run(uv, "venv", "-q", "--clear", "--python", sys.executable, "venv", folder=folder)
        run(uv, "pip", "install", "-q", "--python", "venv/bin/python", *PACKAGES, folder=folder)
    else:
        run(sys.executable, "-m", "venv", "--clear", "venv", folder=folder)
        run("venv/bin/python", "-m", "pip", "install", "-q", *PACKAGES, folder=folder)


def installed(into: Path) -> str | None:
    """Name and version, or None when it is not there."""
    if not (into / NAME / "venv" / "bin" / "gunicorn").is_file():
        return None
    return PACKAGES[0].replace("==", " ")


@contextmanager
def serving(
    into: Path, *, core: int, log: Path, seeds: int, database_url: str, backends: tuple[int, ...]
) -> Iterator[Subject]:
    """Serve with this many refresh tokens to begin with. Raises Void, Missing."""
    port, binaries = free_port(), into / NAME / "venv" / "bin"
    database = urlsplit(database_url)
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    environment = {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PEER_SECRET": secrets.token_hex(),
        "PEER_DATABASE_PORT": str(database.port),
        "PEER_DATABASE_NAME": database.path.lstrip("/"),
        "PEER_RSA_KEY": key,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    said = json.loads(run(binaries / "python", "seed.py", str(seeds), folder=SITE, environment=environment))
    address = ("--bind", f"127.0.0.1:{port}")
    command = (binaries / "gunicorn", "wsgi:application", *address, *WORKERS)
    with running(command, core=core, log=log, folder=SITE, environment=environment) as process:
        until_listening(port, process, log)
        yield Subject(
            name=NAME,
            port=port,
            pid=process.pid,
            paths=PATHS,
            authorization=basic(said["client_id"], said["client_secret"]),
            backends=backends,
            refresh_tokens=deque(said["refresh_tokens"]),
            extra={"scope": "read"},
        )
