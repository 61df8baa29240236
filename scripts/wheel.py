"""Builds the wheel of a commit, the same bytes wherever and whenever: `python scripts/wheel.py [FOLDER] [COMMIT]`.

What is built is what the commit holds, of the time of the commit, whatever lies about in the checkout. By default
that is HEAD, into dist/; SOURCE_DATE_EPOCH overrides the time. It prints the name of the file and its SHA-256.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]


def build(source: Path, out: Path, *, epoch: int) -> Path:
    """The wheel of the sources in this folder; files bear the time `epoch` (seconds since 1970)."""
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
        environment = os.environ | {"SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
        subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
        (made,) = Path(folder).glob("*.whl")
        out.mkdir(parents=True, exist_ok=True)
        target = out / made.name
        target.write_bytes(made.read_bytes())
        return target


def extract(commit: str, folder: Path) -> None:
    """What the commit holds."""
    packed = _git("archive", "--format=tar", commit)
    with tarfile.open(fileobj=BytesIO(packed)) as files:
        files.extractall(folder, filter="data")


def epoch_of(commit: str) -> int:
    """SOURCE_DATE_EPOCH, else the time of the commit."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct", commit))


def _git(*words: str) -> bytes:
    return subprocess.run(("git", *words), cwd=CHECKOUT, check=True, capture_output=True).stdout


def main(arguments: list[str]) -> int:
    """Exit status 0."""
    out, commit = (*arguments, *("dist", "HEAD")[len(arguments) :])
    with tempfile.TemporaryDirectory() as folder:
        extract(commit, Path(folder))
        made = build(Path(folder), Path(out), epoch=epoch_of(commit))
    print(f"{sha256(made.read_bytes()).hexdigest()}  {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
