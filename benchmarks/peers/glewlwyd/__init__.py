"""The peer Glewlwyd (Debian, C): JWT access tokens, state in SQLite or PostgreSQL."""

import asyncio
import gzip
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.peers.glewlwyd.administration import CLIENT, PASSWORD, SECRET, USER, set_up
from benchmarks.peers.installing import run, tool
from benchmarks.processes import free_port, running, until_listening
from benchmarks.subjects import Paths, Subject, basic
from tests.servers.databases import administer

NAME = "glewlwyd"
LEFT_OUT = ("mariadb-client", "mysql-client", "dbconfig", "config-inifiles", "fonts-", "libjs-")
"""What its package wants for pages and for set-up by Debian's tools; the measured work needs none of it."""
WITHOUT_PGCRYPTO = """
CREATE FUNCTION gen_salt(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'plain$' $$;
CREATE FUNCTION crypt(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT 'plain$' || encode(sha256(convert_to($1, 'UTF8')), 'hex') $$;
"""
"""Its passwords are hashed by an extension that the measured PostgreSQL lacks: a quick one stands in, in its favour."""
PATHS = Paths(
    introspect="/api/oidc/introspect",
    token="/api/oidc/token",
    jwks="/api/oidc/jwks",
    discovery="/api/oidc/.well-known/openid-configuration",
)


def install(into: Path) -> None:
    """Downloads its packages and unpacks them in the folder; nothing is installed in the system. Raises Missing."""
    packages, root = into / NAME / "packages", into / NAME / "root"
    shutil.rmtree(into / NAME, ignore_errors=True)
    packages.mkdir(parents=True)
    get = tool("apt-get", "Glewlwyd is taken from Debian's packages")
    planned = run(get, "install", "--simulate", "--no-install-recommends", NAME, folder=packages)
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("Inst ")]
    wanted = [name for name in names if not any(part in name for part in LEFT_OUT)]
    run(get, "download", *wanted, folder=packages)
    for package in sorted(packages.glob("*.deb")):
        run("dpkg", "-x", package, root, folder=packages)
    (root / "usr/lib/glewlwyd/user_middleware").mkdir(exist_ok=True)


def installed(into: Path) -> str | None:
    """Name and version, or None when it is not there."""
    found = sorted((into / NAME / "packages").glob(f"{NAME}_*.deb"))
    return f"{NAME} {found[0].name.split('_')[1].partition('-')[0]}" if found else None


@contextmanager
def serving(
    into: Path,
    *,
    core: int,
    folder: Path,
    seeds: int,
    database_url: str = "",
    backends: tuple[int, ...] = (),
) -> Iterator[Subject]:
    """Serve from a fresh database, with this many refresh tokens to begin with. Raises Void."""
    root, port = into / NAME / "root", free_port()
    folder.mkdir(parents=True, exist_ok=True)
    database = _on_postgres(root, database_url) if database_url else _on_sqlite(root, folder)
    configuration, log = folder / "glewlwyd.conf", folder / "glewlwyd.log"
    configuration.write_text(_configuration(root, port, folder, database))
    libraries = {"LD_LIBRARY_PATH": str(next(root.glob("usr/lib/*-linux-gnu")))}
    command = (root / "usr/bin/glewlwyd", "-c", configuration)
    with running(command, core=core, log=log, environment=libraries) as process:
        until_listening(port, process, log)
        set_up(port)
        subject = Subject(
            name=NAME,
            port=port,
            pid=process.pid,
            paths=PATHS,
            authorization=basic(CLIENT, SECRET),
            backends=backends,
            refresh_tokens=deque(),
            extra={"scope": "api"},
        )
        form = {"grant_type": "password", "scope": "api", "username": USER, "password": PASSWORD}
        for _ in range(seeds):
            subject.refresh_tokens.append(subject.post(PATHS.token, **form).member("refresh_token"))
        yield subject


def _script(root: Path, kind: str) -> str:
    packed = root / f"usr/share/doc/glewlwyd/database/init.{kind}.sql.gz"
    return gzip.decompress(packed.read_bytes()).decode()


def _on_sqlite(root: Path, folder: Path) -> str:
    path = folder / "glewlwyd.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(_script(root, "sqlite3"))
    connection.close()
    return f'type = "sqlite3" path = "{path}"'


def _on_postgres(root: Path, url: str) -> str:
    asyncio.run(administer(url, WITHOUT_PGCRYPTO, _script(root, "postgre")))
    address = urlsplit(url)
    information = f"host=127.0.0.1 port={address.port} dbname={address.path[1:]} user=postgres"
    return f'type = "postgre" conninfo = "{information}"'


def _configuration(root: Path, port: int, folder: Path, database: str) -> str:
    modules = root / "usr/lib/glewlwyd"
    return f"""
port={port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:{port}"
login_url="login.html"
api_prefix="api"
static_files_path="{folder}"
log_mode="console"
log_level="ERROR"
cookie_domain="127.0.0.1"
cookie_secure=0
session_expiration=86400
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
user_middleware_module_path="{modules}/user_middleware"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
use_secure_connection=false
secure_connection_key_file="{os.devnull}"
secure_connection_pem_file="{os.devnull}"
secure_connection_ca_file="{os.devnull}"
hash_algorithm="SHA512"
database = {{ {database} }};
"""
