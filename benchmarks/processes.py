"""How a measured process is started, pinned to a core, looked at in /proc, and ended."""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_TO_START = 90.0
SECONDS_TO_STOP = 20.0


class Void(Exception):
    """This measurement is worth nothing: a wrong answer, a server that did not start. The text says why."""


class Missing(Exception):
    """A program that a measurement needs is not there. The text is one line that says how to get it."""


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for one in found:
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in listed.read_text().split()]
            except OSError:  # the thread has just ended
                continue
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time, user and system, of these process trees, children that have ended included (steps of 10 ms)."""
    total = 0
    for one in {member for pid in pids for member in tree(pid)}:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # ended: its parent carries what it used
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def busy_seconds() -> float:
    """CPU time of the whole machine, all but idle and waiting for a disk."""
    fields = [int(field) for field in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def resident_megabytes(pid: int) -> float:
    """Memory of the process tree that is its own: private pages and its part of the shared ones."""
    kilobytes = 0
    for one in tree(pid):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes / 1024


def pin(pid: int, core: int) -> None:
    """Keep the process tree, every thread of it, on one core; what it starts later inherits that."""
    for one in tree(pid):
        for thread in Path(f"/proc/{one}/task").iterdir():
            try:
                os.sched_setaffinity(int(thread.name), {core})
            except ProcessLookupError:
                continue


def free_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the port accepts connections. Raises Void when the process ends or takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise Void(f"{process.args!r} does not serve: {log.read_text(errors='replace')[-600:]}")


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    core: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on one core, ended by its pid; what it prints goes to `log`."""
    pinned = ["taskset", "-c", str(core), *(str(word) for word in command)]
    env = {**os.environ, **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(pinned, env=env, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ready_line(log: Path, process: subprocess.Popen[bytes]) -> dict[str, object]:
    """The JSON object that a peer prints on a line of its own once it serves. Raises Void when it never does."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{") and line.endswith("}"):
                said: dict[str, object] = json.loads(line)
                return said
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise Void(f"{process.args!r} does not serve: {log.read_text(errors='replace')[-600:]}")
