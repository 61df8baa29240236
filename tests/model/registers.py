"""Which values something may have had that many wrote at overlapping moments: a name, a password, a switch."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.model.history import NEVER, Call


@dataclass(slots=True, frozen=True)
class Write:
    """A value that was written between `sent` and `last`; `answered` is NEVER where nobody knows if it was."""

    value: Any
    sent: float
    answered: float
    last: float
    process: str = ""


BEFORE_ALL = -NEVER


class Register:
    """One value over time, as far as it can be told from outside.

    A write is over for a reader once another one that was sent after it had been answered before the reader asked
    (by `bound` seconds, unless that answer came from the reader's own process).
    """

    def __init__(self, value: Any) -> None:
        self._writes = [Write(value, BEFORE_ALL, BEFORE_ALL, BEFORE_ALL)]
        self._ready = False
        self._answered: list[float] = []
        self._newest_sent: list[float] = []
        self._by_last: list[Write] = []
        self._of_process: dict[str, list[Write]] = {}

    def add(self, write: Write) -> None:
        self._writes.append(write)
        self._ready = False

    def possible(self, call: Call, *, bound: float = 0.0) -> set[Any]:
        """The values that a call may have read."""
        return {write.value for write in self._seen(call, bound)}

    def _seen(self, call: Call, bound: float) -> Iterator[Write]:
        self._prepare()
        over = self._newest_sent[bisect_left(self._answered, call.sent - bound) - 1]
        if bound:
            here = self._of_process.get(call.process, ())
            over = max([over, *(write.sent for write in here if write.answered < call.sent)])
        for write in self._by_last:
            if write.last < over:
                return
            if write.sent < call.answered:
                yield write

    def _prepare(self) -> None:
        if self._ready:
            return
        certain = sorted((w for w in self._writes if w.answered < NEVER), key=lambda w: w.answered)
        self._answered = [write.answered for write in certain]
        self._newest_sent, newest = [], BEFORE_ALL
        for write in certain:
            newest = max(newest, write.sent)
            self._newest_sent.append(newest)
        self._by_last = sorted(self._writes, key=lambda w: w.last, reverse=True)
        self._of_process = {}
        for write in certain:
            self._of_process.setdefault(write.process, []).append(write)
        self._ready = True


class Secrets:
    """The secrets of one client. A rotation without an overlap ends those before it; else so many work at once."""

    MOST = 5

    def __init__(self, first: str) -> None:
        self._made: dict[str, Write] = {first: Write(0, BEFORE_ALL, BEFORE_ALL, BEFORE_ALL)}
        self._rotations: list[Write] = []

    def add(self, secret: str | None, rotation: Write) -> None:
        """A rotation, whose `value` is the overlap; without a secret when its answer did not come."""
        self._rotations.append(rotation)
        if secret is not None:
            self._made[secret] = rotation

    def may_work(self, secret: str, call: Call, *, bound: float = 0.0) -> bool:
        made = self._made.get(secret)
        if made is None:
            return False
        after = [r for r in self._rotations if r.sent > made.last and _told(r, call, bound)]
        return len(after) < self.MOST and all(rotation.value for rotation in after)

    def may_fail(self, secret: str, call: Call) -> bool:
        made = self._made.get(secret)
        if made is None:
            return True
        after = [
            r for r in self._rotations if r is not made and r.last > made.sent and r.sent < call.answered
        ]
        return len(after) >= self.MOST or any(not rotation.value for rotation in after)


def _told(write: Write, call: Call, bound: float) -> bool:
    here = bool(write.process) and write.process == call.process
    return write.answered < call.sent - (0.0 if here else bound)
