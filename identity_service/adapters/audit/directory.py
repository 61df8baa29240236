"""Statements about the log, each a file of its own that is written once: a mounted bucket, or a shared directory."""

import asyncio
import os
from pathlib import Path

from identity_service.ports.audit import DestinationFailed

READ_ONLY = 0o440


class DirectoryDestination:
    """`ports.Destination` in the shape of an object store whose objects are locked: a name is taken once, and nothing
    is ever overwritten. The name begins with the size of the log, so a listing is in its order."""

    name = "directory"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, line: str) -> None:
        try:
            await asyncio.to_thread(self._create, self._folder / f"{name}.json", f"{line}\n".encode())
        except OSError as error:
            raise DestinationFailed(f"{self._folder}: {error.strerror or error}") from error

    def _create(self, path: Path, content: bytes) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, READ_ONLY)
        except FileExistsError:
            if path.read_bytes() != content:
                raise OSError(f"{path.name} is there already, and is another one") from None
            return
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
