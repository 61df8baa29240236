"""Who may read the files of an embedded database: their owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path

BESIDE = ("", "-wal", "-shm")
"""SQLite makes the files beside the database with the mode of the database itself."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(database: str) -> None:
    """Makes an empty file of mode 0600, whatever the umask, where there is none yet: to SQLite an empty database.

    A file that is there keeps its mode: its owner may have given a group the right to read it. Where none can be made,
    SQLite says so itself.
    """
    if not database or database.startswith((":memory:", "file:")):
        return
    with suppress(OSError):
        descriptor = os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)


def open_to_others(database: str) -> list[tuple[Path, int]]:
    """Those files of the database that somebody else may read or write, with their modes."""
    files = [path for path in (Path(database + ending) for ending in BESIDE) if path.exists()]
    modes = [(path, stat.S_IMODE(path.stat().st_mode)) for path in files]
    return [(path, mode) for path, mode in modes if mode & OTHERS]
