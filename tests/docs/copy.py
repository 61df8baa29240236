"""A copy of the checkout in which the commands of the documentation can be run as a reader runs them."""

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import CHECKOUT, Block

# What Python has compiled is copied too: a copy keeps the times by which it knows that it is fresh.
LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".tools",
    ".env",
    "var",
    "benchmarks",
    ".*_cache",
    ".hypothesis",
    ".coverage*",
)
SET_UP_ALREADY = "#!/bin/sh\nexit 0\n"
"""Stands for scripts/bootstrap, which downloads packages: `scripts/check-fresh-machine` is what tries that."""
SECONDS = 120
CURL = Path(__file__).with_name("curl.py")


@dataclass(frozen=True)
class Copy:
    """The copy. `.venv` is the one that runs the tests."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, **environment: str) -> "Copy":
        """Copy the checkout to `folder`, which must not exist."""
        shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT, symlinks=True)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "scripts" / "bootstrap").write_text(SET_UP_ALREADY)
        programs = folder / ".programs"
        programs.mkdir()
        if shutil.which("curl") is None:
            (programs / "curl").write_text(f"#!{sys.executable}\n{CURL.read_text()}")
            (programs / "curl").chmod(0o755)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return cls(folder, kept | {"PATH": path} | environment)

    def run(self, script: str) -> str:
        """Run lines of shell from the root of the copy; answers what they print.

        Raises AssertionError with all that was printed when one of them fails.
        """
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\nended with {done.returncode}:\n{done.stdout[-6000:]}"
        return done.stdout

    @contextmanager
    def serving(self, script: str, *, port: int) -> Iterator[Path]:
        """Run one command that serves on a port, until the block ends; the file holds what it prints.

        Raises AssertionError when it ends instead, or does not end when it is told to.
        """
        printed = self.folder / "printed.log"
        with printed.open("w") as output:
            server = subprocess.Popen(
                ["sh", "-euc", f"exec {script.strip()}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + SECONDS
            while not is_live(port):
                assert server.poll() is None, f"{script} ended:\n{printed.read_text()}"
                assert time.monotonic() < deadline, f"{script} does not serve:\n{printed.read_text()}"
                time.sleep(0.05)
            yield printed
        finally:
            server.terminate()
            server.wait(SECONDS)

    def take(self, block: Block) -> None:
        """Do what a block with `file=…` says: a new file, or with `diff` a change of one that is there."""
        path = self.folder / block.attributes["file"]
        if block.language != "diff":
            assert not path.exists(), f"{block.id}: {path.name} is there already"
            path.write_text(block.text, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        for old, new in _hunks(block):
            assert text.count(old) == 1, f"{block.id}: not once in {block.attributes['file']}:\n{old}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def _hunks(block: Block) -> list[tuple[str, str]]:
    """(what is there, what shall be there) for each part of a diff; parts are set apart by lines with `@@`."""
    hunks: list[tuple[list[str], list[str]]] = [([], [])]
    for line in block.text.splitlines(keepends=True):
        if line.startswith("@@"):
            hunks.append(([], []))
        elif line[:1] in ("+", "-"):
            hunks[-1][line[0] == "+"].append(line[1:])
        else:
            for side in hunks[-1]:
                side.append(line[1:])
    return [("".join(old), "".join(new)) for old, new in hunks if old]


def is_live(port: int) -> bool:
    """Whether a server of ours answers there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()
