"""Decides how breached passwords are found in a folder that has a file for each range, `00000.txt` to `FFFFF.txt`."""

import asyncio
from pathlib import Path
from typing import Final

from identity_service.adapters.breaches.lines import suffixes_of
from identity_service.ports.passwords import RangeUnavailable

MOST_BYTES: Final = 1 << 20
"""Of one range; the public list has a tenth of that in any."""


class RangeFolder:
    """`ports.BreachRanges`: files of lines `SUFFIX:COUNT`, each named by the five digits before."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError when there is not even a first range."""
        self._folder = folder
        if not (folder / "00000.txt").is_file():
            raise ValueError("wants a folder of files 00000.txt to FFFFF.txt")

    async def suffixes(self, prefix: str) -> frozenset[str]:
        """Raises RangeUnavailable."""
        return await asyncio.to_thread(self._read, self._folder / f"{prefix}.txt")

    def _read(self, path: Path) -> frozenset[str]:
        try:
            with path.open("rb") as file:
                return suffixes_of(file.read(MOST_BYTES).splitlines())
        except OSError as error:
            raise RangeUnavailable(f"{path}: {error.strerror or error}") from error
