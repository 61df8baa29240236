"""Remembered answers that can never be wrong: each is guarded by the ended window and the lease."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, TypeVar

from identity_service.application.liveness.ended_window import EndedWindow, hashed
from identity_service.application.liveness.lease import Lease

V = TypeVar("V")


class _Entry(Generic[V]):
    __slots__ = ("expires", "mark", "tags", "value")

    def __init__(self, value: V, tags: Sequence[int], mark: int, expires: float) -> None:
        self.value = value
        self.tags = tags
        self.mark = mark
        self.expires = expires


class Answers(Generic[V]):
    """A bounded cache, the least recently used making room. `most` is a number of entries; 0 remembers nothing.

    Keys are digests, never the secrets themselves. `hits` and `misses` count what `get` was asked for.
    """

    def __init__(self, *, window: EndedWindow, lease: Lease, most: int) -> None:
        self._window = window
        self._lease = lease
        self._most = most
        self._entries: OrderedDict[bytes, _Entry[V]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    def mark(self) -> int:
        """To be taken before the look-up whose result `put` will keep."""
        return self._window.mark()

    def get(self, key: bytes, *, now: float) -> V | None:
        """The answer, if it may be given at `now` (seconds, of the clock that `put` was told the end by)."""
        value = self._valid(key, now)
        if value is None or not self._lease.held:
            self.misses += 1
            return None
        self.hits += 1
        return value

    def peek(self, key: bytes, *, now: float) -> V | None:
        """As `get`, for who only wants to know who asks: it is no question that a cache saved."""
        value = self._valid(key, now)
        return value if value is not None and self._lease.held else None

    def get_while_away(self, key: bytes, *, now: float) -> V | None:
        """The answer for want of a database, where the operator allows that."""
        value = self._valid(key, now)
        return value if value is not None and self._lease.tolerated else None

    def put(self, key: bytes, value: V, *, tags: Sequence[str], mark: int, expires: float) -> None:
        """Remembers what a look-up that began after `mark` has found; `expires` is the first moment it is void."""
        if self._most == 0:
            return
        self._entries[key] = _Entry(value, hashed(tags), mark, expires)
        self._entries.move_to_end(key)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)

    def discard(self, key: bytes) -> None:
        """A look-up found otherwise."""
        self._entries.pop(key, None)

    def _valid(self, key: bytes, now: float) -> V | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        mark = self._window.mark()
        if now >= entry.expires or self._window.ended_since(entry.mark, entry.tags):
            del self._entries[key]
            return None
        entry.mark = mark  # nothing of it ended up to here, so it is as good as looked up now
        self._entries.move_to_end(key)
        return entry.value
