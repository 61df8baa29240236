"""Decides how processes that serve together tell each other what they have counted: a folder, a file for each."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from identity_service.adapters.prometheus.families import Family, total

FRESH_SECONDS: Final = 5.0
"""A process that has not written for longer is stopped or gone: what it was doing says nothing about now."""
ENDED: Final = "ended"
_MOST_REMEMBERED: Final = 1000
_NOTHING: Final[dict[str, Any]] = {"names": [], "families": []}


class Board:
    """Each process writes a file of its own, whole and by renaming; each may read them all.

    What a process tells a collector it has written before. So whichever process is asked next, no count is lower than
    the last one, and the counts of a process that was killed are still there.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is seconds and the same in every process of the machine."""
        self._folder = folder
        self._clock = clock
        self._name = f"{os.getpid()}-{time.monotonic_ns()}"  # numbers of processes come again

    def publish(self, families: Sequence[Family]) -> None:
        """Replaces what this process has written. Raises OSError."""
        self._write(self._name, {"at": self._clock(), "families": _members(families)})

    def total(self) -> list[Family]:
        """What all of them have written, as one."""
        return total(self._snapshots())

    def ended(self, pid: int) -> None:
        """The process is no more: its counts go to those of the others that ended. For the one that started it."""
        for name in self._names(f"{pid}-*"):
            if (written := self._read(name)) is not None:
                before = self._read(ENDED) or _NOTHING
                names = [*before["names"], name][-_MOST_REMEMBERED:]
                families = total((_families(before), _lasting(written)))
                self._write(ENDED, {"names": names, "families": _members(families)})
                self._path(name).unlink()

    def _snapshots(self) -> Iterator[list[Family]]:
        """The ended last: a file that was taken over meanwhile was read before, and is named there."""
        written = {name: found for name in self._names("*-*") if (found := self._read(name)) is not None}
        ended = self._read(ENDED) or _NOTHING
        for name, found in written.items():
            if name not in ended["names"]:
                fresh = self._clock() - found["at"] < FRESH_SECONDS
                yield _families(found) if fresh else _lasting(found)
        yield _families(ended)

    def _names(self, pattern: str) -> list[str]:
        return sorted(path.stem for path in self._folder.glob(f"{pattern}.json"))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> dict[str, Any] | None:
        with suppress(FileNotFoundError):
            found: dict[str, Any] = orjson.loads(self._path(name).read_bytes())
            return found
        return None

    def _write(self, name: str, content: dict[str, Any]) -> None:
        beside = self._path(name).with_suffix(f".{os.getpid()}")
        beside.write_bytes(orjson.dumps(content))
        beside.replace(self._path(name))


def _members(families: Iterable[Family]) -> list[dict[str, Any]]:
    return [{name: getattr(family, name) for name in Family.__slots__} for family in families]


def _families(written: dict[str, Any]) -> list[Family]:
    return [Family(**each) for each in written["families"]]


def _lasting(written: dict[str, Any]) -> list[Family]:
    return [family for family in _families(written) if family.lasting]
