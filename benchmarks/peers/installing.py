"""Where peers are installed, and how a package client is asked for them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.processes import Missing


def default_folder() -> Path:
    """A folder of the user's cache (XDG Base Directory Specification)."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "identity-service-peers"


def tool(name: str, how: str) -> str:
    """The path of a program. Raises Missing."""
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{name} is missing: {how}")
    return found


def run(*command: str | Path, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; answers what it prints. Raises Missing with the end of its words when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(str(word) for word in command[:3])
        raise Missing(f"`{words} …` failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout
