"""Which tokens and families have ended, each for ever: whatever is not among them need not be asked for."""

from collections.abc import Iterable

from identity_service.application.liveness.ended_window import hashed
from identity_service.domain.entities.tag import FAMILY, TOKEN

_ONCE_FOR_ALL = (TOKEN, FAMILY)


class EndedTokens:
    """A copy of every ending of a single token or a family that the feed's table still holds.

    It is complete once `begin`, the whole table, and `finish` went by with every ending that came meanwhile applied,
    and as long as the feed is in sight. Then *absence means not ended*. Presence means: ask the primary; a commit may
    have failed after all. It holds at most `most` endings: with more it says of itself that it is not complete.

    Users, clients and the server are not kept here: they change and come alive again.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._ended: set[int] = set()
        self._coming: set[int] | None = None
        self.complete = False

    def __len__(self) -> int:
        return len(self._ended)

    def restart(self) -> None:
        """Something may have been missed: nothing is known until the table has been read again from here on."""
        self.complete = False
        self._ended, self._coming = set(), None

    def begin(self) -> object:
        """Reading the table begins; what is known goes on being used. Answers a token for `load` and `finish`."""
        self._coming = set()
        return self._coming

    def load(self, reading: object, tags: Iterable[str]) -> bool:
        """A part of the table; False when this reading is not to be gone on with."""
        if self._coming is None or self._coming is not reading:
            return False
        self._coming.update(hashed(tag for tag in tags if tag.startswith(_ONCE_FOR_ALL)))
        return len(self._coming) <= self._most

    def finish(self, reading: object) -> None:
        """The whole table was read."""
        if self._coming is not None and self._coming is reading:
            self._ended, self._coming, self.complete = self._coming, None, True

    def apply(self, tags: Iterable[str]) -> None:
        """These ended just now, or may have."""
        ended = hashed(tag for tag in tags if tag.startswith(_ONCE_FOR_ALL))
        for known in (self._ended, self._coming):
            if known is not None:
                known.update(ended)
        if len(self._ended) > self._most:
            self.restart()

    def may_have(self, tags: Iterable[str]) -> bool:
        """Whether one of these may have ended, as far as is known here."""
        return not (self.complete and self._ended.isdisjoint(hashed(tags)))
