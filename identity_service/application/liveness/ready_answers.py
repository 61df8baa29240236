"""Ready answers about tokens, packed: bytes in, bytes out, given only while nothing they hang on has ended."""

from collections import deque
from collections.abc import Callable, Sequence
from struct import Struct

from identity_service.application.liveness.ended_window import EndedWindow, hashed
from identity_service.application.liveness.lease import Lease

ENTRY_BYTES = 180
"""What an entry takes beside its packed bytes: the key, and its places in the index and in the queue."""
_HEAD = Struct("<qdB")
_TAGS = [Struct(f"<{number}q") for number in range(16)]


class ReadyAnswers:
    """A cache of bodies, bounded in entries and in bytes; the one remembered longest makes room.

    Keys are digests. An entry is one string of bytes: mark, expiry, tags, body. A million of them are nothing for the
    garbage collector to walk through. `hits` and `misses` count what `get` was asked for.
    """

    def __init__(
        self, *, window: EndedWindow, lease: Lease, clock: Callable[[], float], most: int, most_bytes: int
    ) -> None:
        """`most` entries, 0 for none; `clock` is the one by which `put` is told the end (seconds)."""
        self._window = window
        self._lease = lease
        self._clock = clock
        self._most = most
        self._most_bytes = most_bytes
        self._packed: dict[bytes, bytes] = {}
        self._order: deque[bytes] = deque()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._packed)

    def mark(self) -> int:
        """To be taken before the look-up whose result `put` will keep."""
        return self._window.mark()

    def get(self, key: bytes) -> bytes | None:
        """The body, if it may be given now. The lease is looked at last."""
        body = self._valid(key)
        if body is None or not self._lease.held:
            self.misses += 1
            return None
        self.hits += 1
        return body

    def get_while_away(self, key: bytes) -> bytes | None:
        """The body for want of a database, where the operator allows that."""
        body = self._valid(key)
        return body if body is not None and self._lease.tolerated else None

    def put(self, key: bytes, body: bytes, *, tags: Sequence[str], mark: int, expires: float) -> None:
        """Remembers what a look-up that began after `mark` has found; `expires` is the first moment it is void.

        There are at most 15 tags.
        """
        if self._most == 0:
            return
        self.discard(key)
        self._keep(key, _HEAD.pack(mark, expires, len(tags)) + _TAGS[len(tags)].pack(*hashed(tags)) + body)
        self._order.append(key)
        while self._packed and (self.bytes > self._most_bytes or len(self._order) > self._most):
            self.discard(self._order.popleft())

    def discard(self, key: bytes) -> None:
        """A look-up found otherwise."""
        packed = self._packed.pop(key, None)
        if packed is not None:
            self.bytes -= len(packed) + ENTRY_BYTES

    def _keep(self, key: bytes, packed: bytes) -> None:
        self._packed[key] = packed
        self.bytes += len(packed) + ENTRY_BYTES

    def _valid(self, key: bytes) -> bytes | None:
        packed = self._packed.get(key)
        if packed is None:
            return None
        mark, expires, number = _HEAD.unpack_from(packed)
        now = self._window.mark()
        if self._clock() >= expires or (mark != now and self._ended(packed, mark, number)):
            self.discard(key)
            return None
        if mark != now:  # nothing of it ended up to here, so it is as good as looked up now
            self._packed[key] = _HEAD.pack(now, expires, number) + packed[_HEAD.size :]
        return packed[_HEAD.size + 8 * number :]

    def _ended(self, packed: bytes, mark: int, number: int) -> bool:
        return self._window.ended_since(mark, _TAGS[number].unpack_from(packed, _HEAD.size))
