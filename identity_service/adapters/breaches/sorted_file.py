"""Decides how breached passwords are found in one file that is sorted by digest, however large it is."""

import asyncio
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final

from identity_service.adapters.breaches.lines import suffixes_of
from identity_service.ports.passwords import RangeUnavailable

_LONGEST_LINE: Final = 128
_MOST_LINES: Final = 20_000
"""Of one range; the public list has less than a tenth of that in any."""
_SAMPLES: Final = 33
_FORM: Final = re.compile(rb"[0-9A-Fa-f]{40}(:[0-9]{1,15})?")


class SortedFileRanges:
    """`ports.BreachRanges`: a file of lines `SHA1:COUNT`, found by halving: about 30 reads for a billion lines."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError when the file is not of this form, or not sorted as far as samples tell; OSError."""
        self._path = path
        self._check()

    async def suffixes(self, prefix: str) -> frozenset[str]:
        """Raises RangeUnavailable."""
        try:
            return await asyncio.to_thread(self._read, prefix.encode("ascii"))
        except OSError as error:
            raise RangeUnavailable(f"{self._path}: {error.strerror or error}") from error

    def _read(self, prefix: bytes) -> frozenset[str]:
        with self._path.open("rb") as file:
            _seek_line(file, _first(file, prefix))
            return suffixes_of(_while_in(file, prefix), skip=len(prefix))

    def _check(self) -> None:
        with self._path.open("rb") as file:
            size = _size(file)
            samples = []
            for number in range(_SAMPLES):
                _seek_line(file, size * number // _SAMPLES)
                samples.append(file.readline(_LONGEST_LINE).strip())
        there = [sample for sample in samples if sample]
        if not there or not all(map(_FORM.fullmatch, there)):
            raise ValueError("wants a file of lines SHA1:COUNT")
        if any(after.upper() < before.upper() for before, after in pairwise(there)):
            raise ValueError("wants a file that is sorted by digest, not by count")


def _first(file: BinaryIO, prefix: bytes) -> int:
    """An offset behind which the first whole line is the first one that is not before the prefix."""
    low, high = 0, _size(file)
    while low < high:
        middle = (low + high) // 2
        _seek_line(file, middle)
        line = file.readline(_LONGEST_LINE)
        if line and line[: len(prefix)].upper() < prefix:
            low = middle + 1
        else:
            high = middle
    return low


def _seek_line(file: BinaryIO, offset: int) -> None:
    """To the first line that begins at the offset or behind it."""
    file.seek(max(offset - 1, 0))
    if offset:
        file.readline(_LONGEST_LINE)


def _while_in(file: BinaryIO, prefix: bytes) -> Iterator[bytes]:
    for _ in range(_MOST_LINES):
        line = file.readline(_LONGEST_LINE)
        if line[: len(prefix)].upper() != prefix:
            return
        yield line


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)
