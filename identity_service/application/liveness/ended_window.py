"""What ended lately, and so which remembered answers may no longer be given."""

from collections.abc import Iterable, Sequence


def hashed(tags: Iterable[str]) -> tuple[int, ...]:
    """Tags as they are remembered: 64 bits each, keyed by the process. Two that collide cost a look-up, no more."""
    return tuple(map(hash, tags))


class EndedWindow:
    """Stamps every tag that ends with a number of its own; nothing is ordered by clocks.

    Whoever wants to remember an answer takes a `mark` before looking it up. The answer may be given while none of
    its tags has ended since that mark; an ending and a change of what an answer says are the same thing: look again.

    The window holds two generations of tags, each of at most half of `most_tags` (and the batch that fills it). When
    the younger is full the older is forgotten, and every mark that is older than what remains is void.
    """

    def __init__(self, *, most_tags: int) -> None:
        self._half = max(1, most_tags // 2)
        self._count = 0
        self._floor = 0
        self._recent_since = 0
        self._recent: dict[int, int] = {}
        self._older: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._recent) + len(self._older)

    def mark(self) -> int:
        """The moment now. Take it before the look-up starts."""
        return self._count

    def apply(self, tags: Iterable[str]) -> None:
        """These ended, or changed, just now. Applying them again does no harm but another look-up."""
        ended = dict.fromkeys(hashed(tags), self._count + 1)
        if not ended:
            return
        self._count += 1
        self._recent.update(ended)
        if len(self._recent) > self._half:
            self._older, self._recent = self._recent, {}
            self._floor, self._recent_since = self._recent_since, self._count

    def restart(self) -> None:
        """Something may have been missed: every mark there is becomes void."""
        self._count += 1
        self._floor = self._recent_since = self._count
        self._recent, self._older = {}, {}

    def ended_since(self, mark: int, tags: Sequence[int]) -> bool:
        """Whether one of the tags (`hashed`) ended after that mark, or may have."""
        if mark == self._count:
            return False
        return mark < self._floor or any(self._stamp(tag) > mark for tag in tags)

    def _stamp(self, tag: int) -> int:
        return self._recent.get(tag) or self._older.get(tag, 0)
