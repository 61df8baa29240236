"""Each task of tasks.py does what its help says. They run in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from tests.running import Program

CHECKOUT = Path(__file__).resolve().parents[2]
TASKS = {
    "serve",
    "test",
    "test-cov",
    "format",
    "lint",
    "typecheck",
    "check",
    "migrate",
    "upgrade",
    "downgrade",
    "generate-keys",
    "docker-build",
    "sbom",
    "audit",
    "wheel",
}
COPIED = (
    "alembic",
    "identity_service",
    "scripts",
    "alembic.ini",
    "pyproject.toml",
    "tasks.py",
    "README.md",
    "LICENSE",
)
SAYS_WHAT_IT_IS_TOLD = '#!/bin/sh\nprintf "%s|" "$(basename "$0")" "$@"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy that a task may write into."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy(source, copy / name)
    return copy


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DATA_DIR": str(tmp_path / "var"),
        "PYTHONPATH": "",
        "LANG": "C.UTF-8",
    }


def inv(checkout: Path, environment: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """`inv …`, run to its end."""
    return subprocess.run(
        (sys.executable, "-m", "invoke", *args),
        cwd=checkout,
        env=dict(environment),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )


def done(checkout: Path, environment: Mapping[str, str], *args: str) -> str:
    """Standard output of a task that must succeed, without the line that shows the command."""
    result = inv(checkout, environment, *args)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.partition("\n")[2]


@pytest.fixture
def recorded(tmp_path: Path, environment: dict[str, str]) -> dict[str, str]:
    """An environment whose `sh` and `docker` say what they were told."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "docker", "podman"):
        (folder / name).write_text(SAYS_WHAT_IT_IS_TOLD)
        (folder / name).chmod(0o755)
    return environment | {"PATH": f"{folder}:{environment['PATH']}"}


def test_every_task_is_listed_with_what_it_does(checkout: Path, environment: dict[str, str]) -> None:
    lines = [line.split(maxsplit=1) for line in inv(checkout, environment, "--list").stdout.splitlines()]
    listed = {line[0]: line[1] for line in lines if len(line) == 2 and line[0] in TASKS}
    assert set(listed) == TASKS


@pytest.mark.all
def test_upgrade_and_downgrade_move_the_database(checkout: Path, environment: dict[str, str]) -> None:
    assert "from empty to revision" in done(checkout, environment, "upgrade")
    assert "The database went from revision" in done(checkout, environment, "downgrade", "--yes")
    assert inv(checkout, environment, "upgrade", "--revision", "nope").returncode == 1


@pytest.mark.all
def test_migrate_writes_a_migration(checkout: Path, environment: dict[str, str]) -> None:
    done(checkout, environment, "upgrade")
    before = set((checkout / "alembic" / "versions").glob("*.py"))
    done(checkout, environment, "migrate", "add a column; rm -rf")
    (made,) = set((checkout / "alembic" / "versions").glob("*.py")) - before
    assert "add a column; rm -rf" in made.read_text()


def test_generate_keys_prints_lines_for_env(checkout: Path, environment: dict[str, str]) -> None:
    names = [line.partition("=")[0] for line in done(checkout, environment, "generate-keys").splitlines()]
    assert names == ["JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY"]


@pytest.mark.all
def test_lint_finds_what_format_mends(checkout: Path, environment: dict[str, str]) -> None:
    spoilt = checkout / "tasks.py"
    good = spoilt.read_text()
    spoilt.write_text(
        good.replace("import shlex\nimport sys", "import sys\nimport shlex").replace(" = ", "  =  ")
    )
    for name in ("identity_service", "alembic", "scripts"):  # the rest is checked elsewhere
        shutil.rmtree(checkout / name)
    assert inv(checkout, environment, "lint").returncode == 1
    done(checkout, environment, "format")
    assert spoilt.read_text() == good
    done(checkout, environment, "lint")


@pytest.mark.all
def test_typecheck_finds_a_wrong_type(checkout: Path, environment: dict[str, str]) -> None:
    for also_checked in ("tests", "benchmarks"):
        (checkout / also_checked).symlink_to(CHECKOUT / also_checked)
    done(checkout, environment, "typecheck")
    with (checkout / "tasks.py").open("a") as file:
        file.write("\nWRONG: int = 'text'\n")
    assert "tasks.py" in inv(checkout, environment, "typecheck").stdout


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("test",), "sh|scripts/test|"),
        (("test", "--options", "-k 'a b'"), "sh|scripts/test|-k|a b|"),
        (("test-cov",), "sh|scripts/test|--cov|--cov-report=term-missing:skip-covered|"),
        (("check",), "sh|scripts/check|"),
        (("docker-build",), "docker|build|--tag|identity-service|.|"),
        (("docker-build", "--tag", "id:1", "--engine", "podman"), "podman|build|--tag|id:1|.|"),
    ],
)
def test_a_task_is_one_command(
    checkout: Path, recorded: dict[str, str], args: tuple[str, ...], told: str
) -> None:
    assert done(checkout, recorded, *args) == told
    assert (CHECKOUT / told.split("|")[1]).exists() or told.split("|")[1] == "build"


@pytest.mark.all
async def test_serve_serves(checkout: Path, environment: dict[str, str], tmp_path: Path) -> None:
    done(checkout, environment, "upgrade")
    program = Program(checkout, environment)
    program.command = (sys.executable, "-m", "invoke", "serve", "--port", str(program.port))
    program.start()
    try:
        async with httpx2.AsyncClient(base_url=program.url) as http:
            await program.answers(http, "/health/live", 200)
    finally:
        program.kill()
