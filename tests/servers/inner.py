"""Decides how a test runs pytest itself: with our settings and fixtures, over a file of its own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers.process import own_account, unprivileged_account

CHECKOUT = Path(__file__).resolve().parents[2]
ACCOUNTS = ("root", "ordinary user") if os.geteuid() == 0 else ("ordinary user",)


def inner_pytest(
    test_file: Path, *arguments: str, account: str = ACCOUNTS[0], report: Path | None = None
) -> subprocess.Popen[str]:
    """Start pytest over one file.

    Args:
        test_file: outside of the checkout.
        arguments: more arguments for pytest.
        account: one of `ACCOUNTS`.
        report: a folder that the file's tests may write to, in REPORT.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.Popen(
        [
            *_as(account),
            *(sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"),
            *("-p", "no:schemathesis"),  # a second of imports in each process
            *("-c", str(CHECKOUT / "pyproject.toml"), *arguments, str(test_file)),
        ],
        cwd=CHECKOUT,
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "REPORT": str(report)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _as(account: str) -> Sequence[str]:
    if account == "root" or os.geteuid() != 0:
        return ()
    # Another number for the account, and the right to read a checkout that only root may read.
    ordinary = unprivileged_account()
    assert ordinary != own_account()
    ids = (f"--reuid={ordinary.uid}", f"--regid={ordinary.gid}", "--clear-groups")
    return ("setpriv", *ids, "--inh-caps=+dac_override", "--ambient-caps=+dac_override")


def descendants(pid: int) -> dict[int, str]:
    """The processes that a process has started, and those have started: number → program name."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (found := _stat(int(folder.name))) is not None:
            names[int(folder.name)], parents[int(folder.name)] = found
    family: dict[int, str] = {}
    generation = {pid}
    while generation:
        generation = {child for child, parent in parents.items() if parent in generation}
        family |= {child: names[child] for child in generation}
    return family


def is_running(pid: int, name: str) -> bool:
    """Whether the number still belongs to a living program of that name."""
    found = _stat(pid)
    return found is not None and found[0] == name


def _stat(pid: int) -> tuple[str, int] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    before, _, after = text.rpartition(")")
    state, parent = after.split()[:2]
    return None if state in "ZX" else (before.partition("(")[2], int(parent))
