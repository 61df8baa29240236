"""What a developer does every day: `inv --list` shows it, `inv --help TASK` explains it. Each task is one command."""

import shlex
import sys

from invoke.context import Context
from invoke.tasks import task

PYTHON = shlex.quote(sys.executable)
CLI = f"{PYTHON} -m identity_service.cli"


def _run(context: Context, command: str) -> None:
    """Shows the command and runs it; on a terminal its output keeps its colours."""
    context.run(command, echo=True, pty=sys.stdout.isatty())


@task(
    help={
        "host": "Address to listen on.",
        "port": "Port to listen on.",
        "reload": "Start anew when a file changes.",
    }
)
def serve(context: Context, host: str = "127.0.0.1", port: int = 8000, reload: bool = False) -> None:
    """Run the server with the settings of the environment and .env."""
    _run(context, f"{CLI} serve --host {shlex.quote(host)} --port {port}{' --reload' if reload else ''}")


@task(help={"options": "For pytest, e.g. '-k refresh', or --all."})
def test(context: Context, options: str = "") -> None:
    """Run the suite, real PostgreSQL and real Redis included."""
    _run(context, f"sh scripts/test {options}".rstrip())


@task(help={"options": "For pytest."})
def test_cov(context: Context, options: str = "") -> None:
    """Run the suite and show which lines it does not reach."""
    _run(context, f"sh scripts/test --cov --cov-report=term-missing:skip-covered {options}".rstrip())


@task
def format(context: Context) -> None:
    """Format the code and sort the imports."""
    _run(context, f"{PYTHON} -m ruff check -q --fix-only .")
    _run(context, f"{PYTHON} -m black -q .")


@task
def lint(context: Context) -> None:
    """Look for mistakes and for unformatted code; change nothing."""
    _run(context, f"{PYTHON} -m ruff check .")
    _run(context, f"{PYTHON} -m black -q --check .")


@task
def typecheck(context: Context) -> None:
    """Check the types (mypy --strict)."""
    _run(context, f"{PYTHON} -m mypy")


@task
def check(context: Context) -> None:
    """Run every check that reads and does not run the code, as CI does."""
    _run(context, "sh scripts/check")


@task(help={"message": "What the migration does; becomes its name."})
def migrate(context: Context, message: str) -> None:
    """Write a migration from the tables in the code and those in DATABASE_URL (upgrade that first)."""
    _run(context, f"{PYTHON} -m alembic revision --autogenerate -m {shlex.quote(message)}")


@task(help={"revision": "Where to go; by default the newest."})
def upgrade(context: Context, revision: str = "head") -> None:
    """Apply the migrations that DATABASE_URL misses."""
    _run(context, f"{CLI} db upgrade {shlex.quote(revision)}")


@task(help={"revision": "Where to go back to; by default one migration.", "yes": "Do not ask."})
def downgrade(context: Context, revision: str = "-1", yes: bool = False) -> None:
    """Take migrations of DATABASE_URL back."""
    _run(context, f"{CLI} db downgrade {'--yes' if yes else ''} {shlex.quote(revision)}")


@task(
    help={
        "algorithm": "RS256, PS256, ES256 or EdDSA.",
        "bits": "Size of an RSA key.",
        "out": "Folder for PEM files besides; never over existing ones.",
    }
)
def generate_keys(context: Context, algorithm: str = "RS256", bits: int = 2048, out: str = "") -> None:
    """Make the key pair that signs tokens, and print it as lines for .env."""
    _run(
        context,
        f"{PYTHON} scripts/generate_keys.py --algorithm {shlex.quote(algorithm)} --bits {bits}"
        f"{f' --out {shlex.quote(out)}' if out else ''}",
    )


@task(help={"out": "File to write; by default it is printed."})
def sbom(context: Context, out: str = "") -> None:
    """Write what the server is made of (CycloneDX), from the lock."""
    _run(context, f"{PYTHON} scripts/sbom.py {shlex.quote(out) if out else ''}".rstrip())


@task(help={"options": "For pip-audit, e.g. '--vulnerability-service osv'."})
def audit(context: Context, options: str = "") -> None:
    """Ask whether any package of the lock has a known weakness; exit status 3 where nobody answers."""
    _run(context, f"{PYTHON} scripts/audit.py {options}".rstrip())


@task(help={"out": "Folder for it.", "commit": "What to build."})
def wheel(context: Context, out: str = "dist", commit: str = "HEAD") -> None:
    """Build the wheel of a commit, the same bytes wherever and whenever."""
    _run(context, f"{PYTHON} scripts/wheel.py {shlex.quote(out)} {shlex.quote(commit)}")


@task(
    help={"tag": "Name of the image.", "engine": "docker, podman or another program with the same `build`."}
)
def docker_build(context: Context, tag: str = "identity-service", engine: str = "docker") -> None:
    """Build the container image."""
    _run(context, f"{shlex.quote(engine)} build --tag {shlex.quote(tag)} .")
