"""This server as a subject: set up with its own command line, started as an operator starts it."""

import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.forge import Forge, as_setting, new_key
from benchmarks.processes import Void, free_port, running, until_listening
from benchmarks.subjects import Paths, Subject, basic
from benchmarks.wire import ask_once, request

CLI = (sys.executable, "-m", "identity_service.cli")
PATHS = Paths(
    introspect="/oauth2/introspect",
    token="/oauth2/token",
    jwks="/.well-known/jwks.json",
    discovery="/.well-known/oauth-authorization-server",
)
USERNAME, PASSWORD = "bench", "a passphrase for measuring"
APP_NAME, APP_SCOPE, REDIRECT_URI = "Bench App", "openid profile email", "https://app.example/callback"
GRANTS = ("password", "refresh_token", "client_credentials")
POOL = "8"
"""Connections to PostgreSQL: measuring has 16 requests under way on one core."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A database with a user and a client in it, and the environment that serves it."""

    environment: Mapping[str, str] = field(repr=False)
    authorization: str = field(repr=False)
    client_id: str
    user_id: str
    key: Any = field(repr=False)

    def at(self, **environment: str) -> "Prepared":
        """The same, kept or served elsewhere."""
        return replace(self, environment={**self.environment, **environment})


@dataclass(frozen=True, kw_only=True)
class App:
    """A client that people sign in to."""

    client_id: str
    authorization: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Ours:
    """The running server."""

    subject: Subject
    prepared: Prepared
    first_answer_seconds: float

    @property
    def login(self) -> str:
        """The form of a password grant, without its grant_type."""
        return f"username={USERNAME}&password={PASSWORD.replace(' ', '+')}&scope=read+write"

    def sign_in(self) -> dict[str, Any]:
        """Tokens of the user. Raises Void."""
        form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD, "scope": "read write"}
        answer = self.subject.post(PATHS.token, **form)
        if answer.status != 200:
            raise Void(f"no sign-in: {answer.status} {answer.body[:200]!r}")
        said: dict[str, Any] = json.loads(answer.body)
        return said

    def app(self) -> App:
        """A new client for the code flow. Raises Void."""
        flow = ("--grant-type", "authorization_code", "--grant-type", "refresh_token")
        asked = ("--redirect-uri", REDIRECT_URI, "--scope", APP_SCOPE)
        made = _cli(self.prepared.environment, "client", "create", "--name", APP_NAME, *flow, *asked)
        return App(client_id=made["client_id"], authorization=basic(made["client_id"], made["client_secret"]))

    def add_user(self, username: str, password: str) -> None:
        """One more user. Raises Void."""
        words = ("--username", username, "--email", "", "--password-stdin")
        _cli(self.prepared.environment, "user", "create", *words, given=password)

    def forge(self) -> Forge:
        """For variants of a token of the user."""
        return Forge(self.prepared.key, self.sign_in()["access_token"])

    def seed(self, count: int) -> None:
        """So many refresh tokens, each of a family of its own, for the turns to begin with."""
        self.subject.refresh_tokens.extend(self.sign_in()["refresh_token"] for _ in range(count))


def prepare(folder: Path, *, database_url: str = "") -> Prepared:
    """Migrate the database (default: SQLite in the folder) and create a user and a client. Raises Void."""
    key = new_key()
    environment = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url or f"sqlite:///{folder}/identity.sqlite3",
        "MASTER_KEY": b64encode(os.urandom(32)).decode(),
        "PASSWORD_PEPPER": b64encode(os.urandom(32)).decode(),
        "JWT_PRIVATE_KEY": as_setting(key),
        "DATABASE_POOL_SIZE": POOL,
        "LOG_LEVEL": "warning",
        "BCRYPT_COST": "4",
        "METRICS": "guarded",
        "METRICS_TOKEN": os.urandom(20).hex(),
    }
    _cli(environment, "db", "upgrade")
    user = _cli(
        environment,
        "user",
        "create",
        "--username",
        USERNAME,
        "--email",
        "",
        "--password-stdin",
        given=PASSWORD,
    )
    grants = [word for grant in GRANTS for word in ("--grant-type", grant)]
    made = _cli(
        environment,
        "client",
        "create",
        "--name",
        "Bench",
        *grants,
        "--scope",
        "read write",
        "--resource-server",
    )
    return Prepared(
        environment=environment,
        authorization=basic(made["client_id"], made["client_secret"]),
        client_id=made["client_id"],
        user_id=user["id"],
        key=key,
    )


@contextmanager
def serving(
    prepared: Prepared,
    *,
    name: str,
    core: int,
    folder: Path,
    backends: tuple[int, ...] = (),
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Ours]:
    """Serve what was prepared, with these settings on top. Raises Void."""
    port = free_port()
    chosen = {**prepared.environment, "ISSUER": f"http://127.0.0.1:{port}", **(settings or {})}
    environment = {name: value for name, value in chosen.items() if value}
    command = [*CLI, "serve", "--port", str(port), "--workers", str(workers)]
    log = folder / f"server-{port}.log"
    started = time.perf_counter()
    with running(command, core=core, log=log, environment=environment) as process:
        until_listening(port, process, log)
        ask_once(request("GET", "/health/live", port=port), port)
        took = time.perf_counter() - started
        until_ready(port)
        yield Ours(
            subject=Subject(
                name=name,
                port=port,
                pid=process.pid,
                paths=PATHS,
                authorization=prepared.authorization,
                backends=backends,
                extra={"scope": "read write"},
            ),
            prepared=prepared,
            first_answer_seconds=took,
        )


def until_ready(port: int) -> None:
    """Returns when the server says that it is ready. Raises Void when it never does."""
    for _ in range(200):
        if ask_once(request("GET", "/health/ready", port=port), port).status == 200:
            return
        time.sleep(0.05)
    raise Void("the server does not become ready")


def _cli(environment: Mapping[str, str], *words: str, given: str = "") -> dict[str, Any]:
    done = subprocess.run(
        [*CLI, *words, "--json"],
        env={**os.environ, **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Void(f"identity-service {' '.join(words[:2])} failed: {done.stderr[-400:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    return said
