"""Statements about the log, a line each, at the end of a file."""

import asyncio
import os
from pathlib import Path

from identity_service.ports.audit import DestinationFailed

PRIVATE = 0o640


class FileDestination:
    """`ports.Destination`: appended and on the disk before the call returns.

    The file is opened for each line: it may be rotated, or be an attribute `chattr +a` that only allows to append.
    """

    name = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def put(self, name: str, line: str) -> None:
        try:
            await asyncio.to_thread(self._append, f"{line}\n".encode())
        except OSError as error:
            raise DestinationFailed(f"{self._path}: {error.strerror or error}") from error

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError("only a part of the line was written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
