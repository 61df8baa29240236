"""Decides how a real server runs for the tests: under which account, where, on which port, and for how long.

Nothing started here outlives the process that started it. What a killed run left behind is swept by the next.
"""

import asyncio
import fcntl
import os
import pwd
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launch.py")
SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 10.0


class ServerFailed(Exception):
    """A server that the tests need is not to be had. The text is one line that says what to do."""


@dataclass(frozen=True)
class Account:
    """The numbers of the account that a server runs under."""

    uid: int
    gid: int


def own_account() -> Account:
    """The account of this process."""
    return Account(os.geteuid(), os.getegid())


def unprivileged_account() -> Account:
    """This account, or `nobody` where this is root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return own_account()
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def free_port() -> int:
    """A free port of the loopback address, below the range that outgoing connections take theirs from.

    So a server that was stopped for a while finds its port free when it comes back.
    """
    for port in random.SystemRandom().sample(range(15_000, 32_000), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerFailed("no free port on 127.0.0.1 between 15000 and 32000")


class Home:
    """A temporary folder that any account may pass through, removed by `close` or by the next run's sweep."""

    def __init__(self) -> None:
        """Sweep what dead runs left, then make a folder and hold its lock.

        Raises:
            ServerFailed: the folder's place belongs to somebody else.
        """
        place = _place()
        with _locked(place):
            for old in place.iterdir():
                sweep(old)
            self.path = Path(tempfile.mkdtemp(dir=place))
            self.path.chmod(0o711)
            self._lock = os.open(self.path, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def folder(self, name: str, owner: Account) -> Path:
        """A new folder in here that only its owner can read."""
        made = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.path))
        os.chown(made, owner.uid, owner.gid)
        return made

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path)
        os.close(self._lock)


def _place() -> Path:
    folders = (Path(name) for name in (tempfile.gettempdir(), "/tmp", "/var/tmp"))
    temporary = next(folder for folder in folders if os.geteuid() != 0 or _everybody_may_pass(folder))
    place = temporary / f"identity-service-tests-{os.geteuid()}"
    place.mkdir(mode=0o711, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServerFailed(f"{place} belongs to somebody else: remove it, or set TMPDIR")
    return place


def _everybody_may_pass(folder: Path) -> bool:
    return all(part.is_dir() and part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


class _locked:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        self._file = os.open(self._folder, os.O_RDONLY)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def sweep(folder: Path) -> None:
    """Remove the folder of a run that has ended; leave one that is in use."""
    try:
        held = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return  # its own run has just removed it
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # its run is alive
    else:
        shutil.rmtree(folder, ignore_errors=True)  # a server that is just going may still write
    finally:
        os.close(held)


def launch(
    command: Sequence[str | Path], *, account: Account, home: Path, log: Path, orphaned: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a command that gets the signal `orphaned` when the calling *thread* ends: use one that lasts."""
    arguments = (orphaned.value, os.getpid(), account.uid, account.gid, *command)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), *(str(argument) for argument in arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(home)},
            start_new_session=True,
        )


def run(command: Sequence[str | Path], *, account: Account, home: Path, log: Path) -> int:
    """Run a command to its end under an account; returns its exit status."""
    return launch(command, account=account, home=home, log=log, orphaned=signal.SIGKILL).wait()


@dataclass(frozen=True)
class Recipe:
    """How one server is started, known to be ready, and stopped."""

    name: str
    command: tuple[str | Path, ...]
    account: Account
    home: Path
    log: Path
    is_ready: Callable[[], bool]
    stop: signal.Signals
    orphaned: signal.Signals


class ServerProcess:
    """One server in one place, which can be stopped, killed, frozen and started again there.

    `start` and `stop` are for the fixtures; tests have a running loop and use `start_soon` and `stop_soon`.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it and wait until it serves.

        Raises:
            ServerFailed: it ended at once or did not become ready; the end of its log is in the text.
        """
        for _ in self._starting():
            time.sleep(0.005)

    async def start_soon(self) -> None:
        """Like `start`, without holding the event loop."""
        for _ in self._starting():
            await asyncio.sleep(0.005)

    def stop(self) -> None:
        """Ask it to stop and wait; kill it where it does not."""
        for _ in self._stopping():
            time.sleep(0.005)

    async def stop_soon(self) -> None:
        """Like `stop`, without holding the event loop."""
        for _ in self._stopping():
            await asyncio.sleep(0.005)

    def kill(self) -> None:
        """`kill -9` of the process and of what it has started."""
        if (pid := self.pid) is not None:
            children = _children(pid)
            os.kill(pid, signal.SIGKILL)
            for child in children:
                _signal(child, signal.SIGKILL)
            self._wait()
            while any(_is_running(child) for child in children):
                time.sleep(0.001)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay and are accepted, nothing answers."""
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Thaw it (SIGCONT)."""
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGCONT)

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _starting(self) -> Iterator[None]:
        if self.pid is not None:
            return
        recipe = self._recipe
        self._process = launch(
            recipe.command, account=recipe.account, home=recipe.home, log=recipe.log, orphaned=recipe.orphaned
        )
        deadline = time.monotonic() + SECONDS_TO_START
        while not recipe.is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{recipe.name} did not start: {last_line(recipe.log)}")
            yield

    def _stopping(self) -> Iterator[None]:
        if (pid := self.pid) is None:
            return
        os.kill(pid, self._recipe.stop)
        os.kill(pid, signal.SIGCONT)  # a frozen process takes no other signal
        deadline = time.monotonic() + SECONDS_TO_STOP
        while self.pid is not None:
            if time.monotonic() > deadline:
                self.kill()
            yield
        self._wait()


def last_line(log: Path) -> str:
    """The last line of a log that holds something."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "its log is empty"


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"  # whoever inherited it may be slow to collect it
